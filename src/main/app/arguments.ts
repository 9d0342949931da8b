import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Arguments of a start without the runtime's own: Electron passes its binary, in development also the
 * script or folder. Those of a second start come in another order: Chromium puts switches, also some of
 * its own, before everything else. So the script is the first argument that is no switch.
 */
export function ownArguments(argv: readonly string[], packaged: boolean): readonly string[] {
  const args = argv.slice(1);
  if (packaged) return args;
  const script = args.findIndex((arg) => !arg.startsWith('-'));
  return args.filter((_arg, index) => index !== script);
}

/** Switches that Chromium, Electron, AppImage and macOS pass; the command line must not see them. */
const RUNTIME_SWITCH =
  /^(--(no-sandbox$|no-zygote|enable-|disable-|force-|high-dpi|remote-debugging|user-data-dir|ozone-|gtk-|inspect|allow-file-access|original-process-start-time|squirrel-|class=|password-store)|-psn_)/u;

/** What the command line is to read: `args` without the runtime's switches. */
export function withoutRuntimeSwitches(args: readonly string[]): readonly string[] {
  return args.filter((arg) => !RUNTIME_SWITCH.test(arg));
}

const SUBCOMMAND = /^(inspect|verify|drives)$/u;

/**
 * Whether a start is meant for the command line: a subcommand comes first, or an option of ours is among
 * `args`. Unknown switches are no reason, for no list of those that a runtime passes is ever complete.
 * Nor is `--lang`, which Chromium has too. `options`: `--image`, `-o` and so on.
 */
export function isCommandLine(args: readonly string[], options: ReadonlySet<string>): boolean {
  const [first] = args.filter((arg) => !arg.startsWith('-'));
  if (first !== undefined && SUBCOMMAND.test(first)) return true;
  return args.some((arg) => {
    const [name] = /^(--[^=]+|-[^-])/u.exec(arg) ?? [];
    return name !== undefined && name !== '--lang' && options.has(name);
  });
}

/** Files that the app is to open: everything that is no switch. File managers may pass `file://` addresses. */
export function filesToOpen(args: readonly string[], workingFolder: string): readonly string[] {
  return args
    .filter((arg) => !arg.startsWith('-') && arg !== '.')
    .map((arg) => path.resolve(workingFolder, withoutScheme(arg)));
}

/** An address that names no file here, such as one of another host, stays: opening it then fails by its name. */
function withoutScheme(arg: string): string {
  if (!/^file:\/\//iu.test(arg)) return arg;
  try {
    return fileURLToPath(arg);
  } catch {
    return arg;
  }
}
