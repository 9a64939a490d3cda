const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * How everything of this stack is left: by the returned function, or by a signal, after which the process exits. The servers on the stack
 * lead process groups of their own, which a Ctrl-C in the terminal does not reach.
 */
export function leaveBySignal(stack: AsyncDisposableStack): () => Promise<void> {
  let leaving: Promise<void> | undefined;
  // Shared by an interrupt and by a caller that fails because of it: neither may exit before everything is stopped.
  const leave = () => (leaving ??= stack.disposeAsync());
  const leaveAndExit = () => void leave().then(() => process.exit(130));
  for (const signal of SIGNALS) process.once(signal, leaveAndExit);
  stack.defer(() => {
    for (const signal of SIGNALS) process.off(signal, leaveAndExit);
  });
  return leave;
}
