/**
 * Runs sudo-prompt in a process of its own: it puts its working folder into a shell command, so that
 * folder must have a harmless name, and what it started can be ended. Arguments: the command.
 * Prints one line of JSON.
 */
import '../runtime/compile-on-main-thread.ts';
import sudoPrompt from 'sudo-prompt';

const [command = ''] = process.argv.slice(2);

sudoPrompt.exec(command, { name: 'Offline OTA Image Builder' }, (error, _stdout, stderr) => {
  const code = error === undefined ? 0 : (error as { code?: unknown }).code;
  process.stdout.write(
    JSON.stringify({
      code: typeof code === 'number' ? code : null,
      message: error?.message ?? '',
      stderr: typeof stderr === 'string' ? stderr : '',
    }),
  );
});
