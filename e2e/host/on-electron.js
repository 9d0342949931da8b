/**
 * Electron's own runtime instead of the stand-in: started in place of out/main/index.js, which it imports.
 * Does for a test what a person does outside of the page, and notes what they would see there. Plain
 * JavaScript, because it is not known whether Electron's Node was built to take TypeScript.
 */
import electron from 'electron';
import { existsSync } from 'node:fs';
import { takeBusiest } from './busiest.js';
import { takeMemory } from './memory.js';
import { substituteWorker } from './substitute-worker.js';

const { app, BrowserWindow, dialog, Menu, Notification, powerSaveBlocker, shell } = electron;
const backend = process.env['OTA_HOST_BACKEND'];

if (backend !== undefined) substituteWorker('/out/main/backend.js', backend);

const answers = [];
const blockers = new Set();
const seen = {
  notifications: [],
  shownInFolder: [],
  progressBar: -1,
  messages: [],
  replacedUnasked: [],
};
const clickable = [];
const handlers = { request: null, check: null };

const answer = () => answers.shift() ?? [];
dialog.showOpenDialog = () => {
  const filePaths = answer();
  return Promise.resolve({ canceled: filePaths.length === 0, filePaths });
};
dialog.showSaveDialog = (_window, { properties = [] }) => {
  const [filePath = ''] = answer();
  if (existsSync(filePath) && !properties.includes('showOverwriteConfirmation'))
    seen.replacedUnasked.push(filePath);
  return Promise.resolve({ canceled: filePath === '', filePath });
};
dialog.showMessageBox = ({ message, cancelId = 0 }) => {
  seen.messages.push(message);
  const [chosen = cancelId] = answer();
  return Promise.resolve({ response: Number(chosen) });
};
dialog.showErrorBox = (title) => void seen.messages.push(title);
shell.showItemInFolder = (file) => void seen.shownInFolder.push(file);
Notification.prototype.show = function show() {
  seen.notifications.push({ title: this.title, body: this.body });
  clickable.push(new WeakRef(this));
};
const { setProgressBar } = BrowserWindow.prototype;
BrowserWindow.prototype.setProgressBar = function set(fraction) {
  seen.progressBar = fraction;
  setProgressBar.call(this, fraction);
};
const { start, stop } = powerSaveBlocker;
powerSaveBlocker.start = (type) => {
  const id = start.call(powerSaveBlocker, type);
  blockers.add(id);
  return id;
};
powerSaveBlocker.stop = (id) => {
  blockers.delete(id);
  return stop.call(powerSaveBlocker, id);
};
app.on('session-created', (session) => {
  const { setPermissionRequestHandler, setPermissionCheckHandler } = session;
  session.setPermissionRequestHandler = (handler) => {
    handlers.request = handler;
    setPermissionRequestHandler.call(session, handler);
  };
  session.setPermissionCheckHandler = (handler) => {
    handlers.check = handler;
    setPermissionCheckHandler.call(session, handler);
  };
});

const entries = (menu) =>
  menu?.items.map(({ label, role, submenu }) => ({ label, role, submenu: entries(submenu) })) ?? [];

/** The same as HostControl of control.ts. */
globalThis.otaControl = {
  devtools: () => null,
  closeWindow: () => {
    for (const window of BrowserWindow.getAllWindows()) window.close();
    return null;
  },
  secondInstance: (argv, folder) => {
    const switches = ['--allow-file-access-from-files', '--original-process-start-time=1'];
    app.emit('second-instance', {}, [process.execPath, ...switches, 'main.js', ...argv], folder);
    return null;
  },
  openFile: (path) => {
    app.emit('open-file', { preventDefault: () => undefined }, path);
    return null;
  },
  answerDialogs: (next) => {
    answers.push(...next);
    return null;
  },
  minimize: () => {
    BrowserWindow.getAllWindows()[0].minimize();
    return null;
  },
  resize: (width, height) => {
    BrowserWindow.getAllWindows()[0].setSize(width, height);
    return null;
  },
  clickNotifications: () => {
    for (const notification of clickable) notification.deref()?.emit('click');
    return null;
  },
  quit: () => {
    app.quit();
    return null;
  },
  busiest: takeBusiest,
  memory: takeMemory,
  permission: (name, requestingUrl) => {
    const requested = [];
    handlers.request(null, name, (granted) => requested.push(granted), { requestingUrl });
    return requested.includes(true) && handlers.check(null, name, requestingUrl);
  },
  seen: () => ({
    ...seen,
    sleepBlocked: blockers.size > 0,
    menu: entries(Menu.getApplicationMenu()),
    minimized: BrowserWindow.getAllWindows()[0]?.isMinimized() ?? false,
  }),
};

await import('../../out/main/index.js');
