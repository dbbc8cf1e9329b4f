import { Doc } from '@flow/http';
import { IsString, Matches } from 'class-validator';

export class UploadQuery {
  @Doc('What the file is called, for people: no path, no control characters, 255 characters at most.', 'report.pdf')
  @IsString()
  @Matches(/^(?!\.{1,2}$)[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069/\\]{1,255}$/u)
  name!: string;
}
