/** Command and arguments that start npm on this system. */
export function npm(args: readonly string[]): [command: string, args: string[]];
