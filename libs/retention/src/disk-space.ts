/** The space on the disk that removed instances took. */
export abstract class DiskSpace {
  /** Gives back a part that nothing uses, as much as one step may take: its bytes; 0 when what is left is not worth a step. */
  abstract giveBack(): Promise<number>;
}
