/** How far a part has come: everything up to the place is durable in the target. */
export interface Progress {
  /** Null before the first entry. */
  readonly place: string | null;
  readonly count: number;
}

/** What stands of a move in its target. */
export interface MoveNote {
  /** Tells one state of a source from another: nothing has been added to it since. */
  readonly source: string;
  readonly isDone: boolean;
  /** When it was begun, or was over. */
  readonly at: Date;
}

/** Kept in the target: while a move is not over no service starts there, and a move that was cut off goes on where it was. */
export abstract class MoveNotes {
  abstract find(): Promise<MoveNote | undefined>;
  abstract begin(source: string): Promise<void>;
  abstract progress(part: string): Promise<Progress | undefined>;
  abstract reached(part: string, progress: Progress): Promise<void>;
  /** Services may start from now on. */
  abstract finish(): Promise<void>;
}
