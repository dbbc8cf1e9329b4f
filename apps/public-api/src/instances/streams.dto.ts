import { Doc, Optional } from '@flow/http';
import { IsBoolean, IsString, Length } from 'class-validator';

export class StreamQuery {
  @Doc('As Last-Event-ID, for those who cannot send headers; the header counts where both are given.')
  @Optional()
  @IsString()
  @Length(1, 64)
  after?: string;

  @Doc('Whether to wait for what comes: true for events, false for NDJSON when left out.')
  @Optional()
  @IsBoolean()
  follow?: boolean;
}

export class LogsQuery extends StreamQuery {
  @Doc('Lines of this task alone.')
  @Optional()
  @IsString()
  @Length(1, 64)
  taskId?: string;
}
