import * as z from "zod";

/** All modes between these two encrypt without checking whose certificate it is. */
const SSL_MODES = ["verify-full", "disable"];

/** An instance and its database `postgres`, not RDS Proxy, which breaks the lock that keeps two migrations apart and knows no administrator. */
export const InstanceUrl = z
  .url({ protocol: /^postgres(ql)?$/ })
  .refine(
    (url) => SSL_MODES.includes(URL.parse(url)?.searchParams.get("sslmode") ?? ""),
    "must end in ?sslmode=verify-full, or ?sslmode=disable on a laptop",
  );
