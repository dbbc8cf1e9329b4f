import { MoveNotes, type MoveNote, type Progress } from '@flow/moving';

/** Notes of a move between stores that keep none. */
export class MemoryMoveNotes extends MoveNotes {
  private note: MoveNote | undefined;
  private readonly parts = new Map<string, Progress>();

  override async find(): Promise<MoveNote | undefined> {
    return this.note;
  }

  override async begin(source: string): Promise<void> {
    this.note = { source, isDone: false, at: new Date(0) };
  }

  override async progress(part: string): Promise<Progress | undefined> {
    return this.parts.get(part);
  }

  override async reached(part: string, progress: Progress): Promise<void> {
    this.parts.set(part, progress);
  }

  override async finish(): Promise<void> {
    if (this.note) this.note = { ...this.note, isDone: true };
  }
}
