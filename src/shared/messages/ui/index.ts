import { appTexts } from './app.ts';
import { cliTexts } from './cli.ts';
import { imageTexts } from './images.ts';
import { labelTexts } from './labels.ts';
import { recordTexts } from './records.ts';
import { refreshTexts } from './refresh.ts';
import { screenTexts } from './screens.ts';
import { setTexts } from './sets.ts';
import { stickTexts } from './stick.ts';
import { vehicleTexts } from './vehicle.ts';
import { vehicleScreenTexts } from './vehicle-screen.ts';
import { writeTexts } from './write.ts';

/** Every text of the product that is no error, for the window and the command line. */
export const uiMessages = {
  ...labelTexts,
  ...appTexts,
  ...imageTexts,
  ...setTexts,
  ...stickTexts,
  ...writeTexts,
  ...recordTexts,
  ...screenTexts,
  ...cliTexts,
  ...vehicleTexts,
  ...refreshTexts,
  ...vehicleScreenTexts,
};
