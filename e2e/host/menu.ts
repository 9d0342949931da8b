export const Menu = {
  // Chromium in app mode has no menu bar.
  setApplicationMenu(): void {},
};
