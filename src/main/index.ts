import { app } from 'electron';
import { isCommandLine, ownArguments } from './app/arguments.ts';
import { runCommandLine } from './app/command-line.ts';
import { elevatedWriterJob, runElevatedWriter } from './elevation/windows-elevation.ts';
import { ownEntries } from './elevation/writer-program.ts';
import { declareScheme, startApp } from './app/start.ts';

const args = ownArguments(process.argv, app.isPackaged);

const elevatedJob = elevatedWriterJob(args);

if (elevatedJob !== null) {
  runElevatedWriter(ownEntries().writer, elevatedJob).then(
    (code) => app.exit(code),
    () => app.exit(1),
  );
} else if (isCommandLine(args)) {
  runCommandLine(args).then(
    (code) => app.exit(code),
    () => app.exit(1),
  );
} else if (app.requestSingleInstanceLock()) {
  declareScheme();
  // Not awaited: Electron becomes ready only after this module has run.
  startApp(import.meta.dirname).catch((error: unknown) => {
    console.error(error);
    app.exit(1);
  });
} else {
  // The first instance got our files.
  app.exit(0);
}
