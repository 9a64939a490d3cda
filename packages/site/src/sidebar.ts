/** Every page of `docs/`, in the order in which a stranger would want them; a test says which one is missing. */
export const SIDEBAR = [
  {
    label: "Start",
    items: [
      { slug: "index", label: "What it is" },
      "start",
      { slug: "demarrage", attrs: { lang: "fr" } },
      "tutorials/first-order",
      "tutorials/billing-dies",
      "tutorials/follow-an-order",
      "tutorials/deploy",
      "tutorials/remove",
    ],
  },
  {
    label: "Call it",
    items: ["clients", "messages", { label: "Status", link: "/status" }],
  },
  {
    label: "How it works",
    items: [
      "how/architecture",
      "how/order",
      "how/failures",
      "how/logs",
      "how/metrics",
      {
        label: "Box by box",
        collapsed: true,
        items: [
          "how/edge",
          "how/api-gateway",
          "how/identity",
          "how/gateway",
          "how/inventory",
          "how/orders-queue",
          "how/order-bridge",
          "how/broker",
          "how/billing",
          "how/dead-letters",
          "how/databases",
          "how/network",
          "how/status",
        ],
      },
      "how/laptop",
      "decisions",
    ],
  },
  {
    label: "Run it",
    items: [
      "deploy",
      { slug: "runbook", label: "Runbook" },
      "slos",
      "cost",
      "scaling",
      "security",
      "containers",
    ],
  },
  { label: "Defend it", items: ["questions", "threats", "chaos"] },
  {
    label: "Problems",
    collapsed: true,
    items: [{ autogenerate: { directory: "problems" } }],
  },
];
