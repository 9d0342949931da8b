import { cliTexts } from './cli.ts';
import { labelTexts } from './labels.ts';

/** Every text of the product that is no error, for the window and the command line. */
export const uiMessages = { ...labelTexts, ...cliTexts };
