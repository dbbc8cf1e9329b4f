const FREE = 0;
const TAKEN = 1;
const WANTED = 2;
/** A thread that died in its turn keeps nobody waiting for ever: the file's own locks are what keeps writers apart. */
const PATIENCE_MS = 5_000;

/**
 * Whose turn it is to write, among threads of one process that have the same file open: whoever waits is woken at once, where SQLite
 * would look again after some milliseconds.
 */
export class WriteTurn {
  private readonly state: Int32Array;

  /** `shared` is another thread's, when there is one. */
  constructor(readonly shared: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.state = new Int32Array(shared);
  }

  /** Gives what ends the turn. Blocks this thread while another has it. */
  take(): () => void {
    const { state } = this;
    if (Atomics.compareExchange(state, 0, FREE, TAKEN) !== FREE) {
      while (Atomics.exchange(state, 0, WANTED) !== FREE)
        if (Atomics.wait(state, 0, WANTED, PATIENCE_MS) === 'timed-out') break;
    }
    return () => {
      if (Atomics.exchange(state, 0, FREE) === WANTED) Atomics.notify(state, 0, 1);
    };
  }
}
