export const SIDEBAR = [{ label: "Start", items: ["index"] }];
