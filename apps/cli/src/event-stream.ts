/** One server-sent event: its data is a JSON document. */
export interface StreamEvent {
  /** What goes on from here after a cut; the last one that was told. */
  readonly id: string | undefined;
  /** `message` unless the stream says otherwise. */
  readonly event: string;
  readonly data: string;
}

/** Reads server-sent events (WHATWG HTML, 9.2) out of pieces of text that may be cut anywhere. */
export class EventStreamReader {
  private rest = '';
  private id: string | undefined;
  private event = '';
  private data: string[] = [];

  /** The events that are whole with this piece. */
  take(piece: string): StreamEvent[] {
    const lines = (this.rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? '';
    const events: StreamEvent[] = [];
    for (const line of lines) {
      if (line === '') {
        if (this.data.length > 0)
          events.push({ id: this.id, event: this.event || 'message', data: this.data.join('\n') });
        this.event = '';
        this.data = [];
      } else this.field(line);
    }
    return events;
  }

  private field(line: string): void {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') this.data.push(value);
    else if (name === 'event') this.event = value;
    else if (name === 'id' && !value.includes('\0')) this.id = value;
  }
}
