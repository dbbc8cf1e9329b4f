import type { PageRequest } from '@flow/kernel';
import { IsBoolean, IsInt, IsString, Length, Max, Min } from 'class-validator';
import { Doc, Optional } from './dto.decorators';

/** What every list is asked; a list's own query extends it. */
export class PageQuery {
  @Doc('How many items a page holds at most; large items make it shorter.')
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50;

  @Doc('Where to go on: `nextCursor` of the page before.')
  @Optional()
  @IsString()
  @Length(1, 1024)
  cursor?: string;

  @Doc('Whether to count all items; gives `total`.')
  @IsBoolean()
  count: boolean = false;
}

/** The page that a list's query asks for. */
export function pageOf(query: PageQuery): PageRequest {
  const { limit, cursor, count } = query;
  return { limit, count, ...(cursor !== undefined && { cursor }) };
}
