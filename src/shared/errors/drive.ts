/** Finding drives and writing to them. `drive` is what a person calls it. */
export interface DriveErrors {
  'drive-not-found': { path: string };
}
