/** Where sudo-prompt-host.ts says who it is, and hears that an agent speaks for it. */
export const HOST_PID = '/tmp/host-pid';
export const AGENT_READY = '/tmp/agent-ready';
