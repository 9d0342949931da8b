import type { ErrorParams } from '../../errors.ts';
import type { ErrorCatalogue } from './catalogue.ts';
import { archiveMessages } from './archive.ts';
import { driveMessages } from './drive.ts';
import { imageMessages } from './image.ts';
import { outputMessages } from './output.ts';
import { requestMessages } from './request.ts';
import { v1Messages } from './v1.ts';
import { vehicleMessages } from './vehicle.ts';

/** Texts of every error code of the product. */
export const errorMessages: ErrorCatalogue<ErrorParams> = {
  ...archiveMessages,
  ...driveMessages,
  ...imageMessages,
  ...outputMessages,
  ...requestMessages,
  ...v1Messages,
  ...vehicleMessages,
};
