/**
 * A stand-in for the `electron` module of the main process: as much as the app uses, in Chromium
 * instead of Electron's own window. Its surface is compared with electron.d.ts by a test.
 */
export {
  app,
  ipcMain,
  nativeTheme,
  powerSaveBlocker,
  protocol,
  session,
  shell,
} from './modules.ts';
export { dialog } from './dialogs.ts';
export { Notification } from './notification.ts';
export { BrowserWindow } from './browser-window.ts';
export { Menu } from './menu.ts';
import './control.ts';
