/** The panel's side of the channel to the extension host. */

/** What a panel keeps over a reload of the window: navigation and view state only, with the version of its form. */
export interface PanelState {
  readonly version: number;
}

export interface HostChannel<ToHost, ToPanel, State extends PanelState> {
  post(message: ToHost): void;
  /** The state that was kept last; undefined when there is none or it is of another version. */
  restore(): State | undefined;
  keep(state: State): void;
  /** Calls back for each message of the host, in order. Ends with the panel. */
  onMessage(listener: (message: ToPanel) => void): void;
}

/** May be called once a page: VS Code hands out its side only once. */
export function connectToHost<ToHost, ToPanel, State extends PanelState>(version: State['version']): HostChannel<ToHost, ToPanel, State> {
  const host = acquireVsCodeApi<State>();
  return {
    post: (message) => host.postMessage(message),
    restore: () => {
      const state = host.getState();
      return state?.version === version ? state : undefined;
    },
    keep: (state) => void host.setState(state),
    // The frame receives messages of the extension host alone: its content policy lets nothing else in.
    onMessage: (listener) => window.addEventListener('message', (event: MessageEvent<ToPanel>) => listener(event.data)),
  };
}
