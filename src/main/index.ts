import { app } from 'electron';
import path from 'node:path';
import { isCommandLine, ownArguments, withoutRuntimeSwitches } from './app/arguments.ts';
import { OPTION_NAMES } from './cli/option-names.ts';
import { elevatedLauncherFolder, runElevatedLauncher } from './elevation/windows-elevation.ts';
import { ownEntries } from './elevation/writer-program.ts';
import { runAsNode } from './run-as-node.ts';

const args = withoutRuntimeSwitches(ownArguments(process.argv, app.isPackaged));

const jobFolder = elevatedLauncherFolder(args);

if (jobFolder !== null) {
  runElevatedLauncher(ownEntries().launcher, jobFolder).then(
    (code) => app.exit(code),
    () => app.exit(1),
  );
} else if (isCommandLine(args, OPTION_NAMES)) {
  const { ended, stop } = runAsNode(path.join(import.meta.dirname, 'cli.js'), args);
  // Electron takes SIGINT and SIGTERM for a quit: the command line hears of it, and ends in its own way.
  app.on('will-quit', (event) => {
    event.preventDefault();
    stop();
  });
  ended.then(
    (code) => app.exit(code),
    () => app.exit(1),
  );
} else if (app.requestSingleInstanceLock()) {
  // Loaded only now: the command line needs nothing of it. Electron is not ready before this module has run.
  const { declareScheme, startApp } = await import('./app/start.ts');
  const { showStartError } = await import('./app/fatal.ts');
  declareScheme();
  startApp(import.meta.dirname).catch((error: unknown) => {
    console.error(error);
    showStartError(error);
    app.exit(1);
  });
} else {
  // The first instance got our files.
  app.exit(0);
}
