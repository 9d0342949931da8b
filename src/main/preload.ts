import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { Answer, Bridge, CHANNEL_PREFIX } from '../shared/ipc.ts';

// Same text as CHANNEL_PREFIX; importing the value would pull the schemas into the sandboxed script.
const PREFIX: typeof CHANNEL_PREFIX = 'ota:';

const bridge: Bridge = {
  invoke: (command, payload) =>
    ipcRenderer.invoke(PREFIX + command, payload) as Promise<Answer<unknown>>,
  on: (event, listener) => {
    // The event object holds ipcRenderer and must not reach the page.
    const forward = (_event: unknown, payload: unknown): void => listener(payload);
    ipcRenderer.on(PREFIX + event, forward);
    return () => {
      ipcRenderer.off(PREFIX + event, forward);
    };
  },
  pathOf: (file) => webUtils.getPathForFile(file),
};

contextBridge.exposeInMainWorld('ota', bridge);
