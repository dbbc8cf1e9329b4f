import type { Caller } from '@flow/auth';
import { CurrentCaller, Doc, Endpoint, PrivateApi } from '@flow/http';
import { TriggersService } from '@flow/triggers';
import { Body, Post } from '@nestjs/common';
import { IsString, Length } from 'class-validator';

export class RevocationBody {
  @Doc('A principal of this business domain who is gone.', 'ann')
  @IsString()
  @Length(1, 255)
  owner!: string;
}

@PrivateApi('trigger', { tag: 'Triggers' })
export class RevocationsController {
  constructor(private readonly triggers: TriggersService) {}

  @Post('revoke')
  @Endpoint({
    access: 'platform.admin',
    action: 'trigger.revoke',
    audited: ({ owner }: RevocationBody) => ({ owner }),
    summary: 'Disable all triggers of an owner',
    description:
      'Runs that go on are left alone; each trigger says why it is disabled, and can be enabled again by somebody else.',
    status: 200,
    answers: { 200: { type: 'object', properties: { disabled: { type: 'integer' } } } },
  })
  async revoke(@CurrentCaller() caller: Caller, @Body() { owner }: RevocationBody) {
    return { disabled: await this.triggers.revokeOwner(caller, owner) };
  }
}
