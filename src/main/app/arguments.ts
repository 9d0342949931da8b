import path from 'node:path';

/**
 * Arguments of this start without the runtime's own: Electron passes its binary, in development also
 * the script or folder, and Chromium's switches.
 */
export function ownArguments(argv: readonly string[], packaged: boolean): readonly string[] {
  return argv.slice(packaged ? 1 : 2);
}

/** Switches that Chromium and Electron take; they are no reason to behave as a command line. */
const RUNTIME_SWITCH =
  /^--(no-sandbox|enable-|disable-|force-|high-dpi|lang=|remote-debugging|user-data-dir|ozone-|gtk-|inspect|allow-file-access|original-process-start-time|squirrel-)/u;

/** Whether this start is meant for the command line: any option of ours, or a subcommand. */
export function isCommandLine(args: readonly string[]): boolean {
  const [first] = args;
  if (first !== undefined && /^(build|inspect|verify|drives)$/u.test(first)) return true;
  return args.some((arg) => /^-{1,2}[A-Za-z]/u.test(arg) && !RUNTIME_SWITCH.test(arg));
}

/** Files that the app is to open: everything that is no switch. */
export function filesToOpen(args: readonly string[], workingFolder: string): readonly string[] {
  return args
    .filter((arg) => !arg.startsWith('-') && arg !== '.')
    .map((arg) => path.resolve(workingFolder, arg));
}
