/** Time comes in through this door: production reads the machine, tests and the simulation move it by hand. */
export abstract class Clock {
  abstract now(): Date;
  /** Milliseconds on a clock that no one can set; only differences mean something. */
  abstract monotonicMs(): number;
  /** Calls back once, `delayMs` from now; the returned function takes it back. */
  abstract after(delayMs: number, callback: () => void): () => void;
}

/** Chance comes in through this door. */
export abstract class Random {
  /** A fraction in [0, 1). */
  abstract fraction(): number;
  /** Bytes fit for keys and tokens. */
  abstract bytes(length: number): Uint8Array;
}
