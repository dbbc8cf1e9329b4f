import { Doc, Optional } from '@flow/http';
import type { Json } from '@flow/kernel';
import { IsNumber, IsString, Length, Max, Min } from 'class-validator';

export class ProgressBody {
  @Doc('How far it is.', 40)
  @Optional()
  @IsNumber()
  @Min(0)
  @Max(100)
  percent?: number;

  @Doc('For people.', '4 of 10 files')
  @Optional()
  @IsString()
  @Length(1, 1_000)
  message?: string;

  @Doc('Any JSON, 16 KiB at most.')
  @Optional()
  data?: Json;
}
