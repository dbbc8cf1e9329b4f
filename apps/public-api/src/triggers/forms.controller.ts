import type { Caller } from '@flow/auth';
import { API_PREFIX, Answer, CurrentCaller, Endpoint, PublicApi } from '@flow/http';
import type { TriggerId } from '@flow/kernel';
import { FormsService } from '@flow/triggers';
import { Body, Delete, Get, Param, Post } from '@nestjs/common';
import { savedInputPage, savedInputView, toSavedInputView } from './trigger.view';
import { SavedInputBody } from './triggers.dto';

@PublicApi('triggers/:id', { tag: 'Triggers' })
export class FormsController {
  constructor(private readonly forms: FormsService) {}

  @Get('form')
  @Endpoint({
    access: 'trigger.view',
    summary: 'The JSON Schema of the data that a trigger is fired with, for forms of user interfaces',
    answers: { 200: { type: 'object', additionalProperties: true } },
    errors: ['trigger.not_found', 'dag.not_found'],
  })
  async form(@CurrentCaller() caller: Caller, @Param('id') id: TriggerId) {
    return this.forms.schemaOf(caller, id);
  }

  @Post('inputs')
  @Endpoint({
    access: 'trigger.manage',
    action: 'saved_input.create',
    summary: 'Save data under a name, to fire the trigger with',
    idempotent: true,
    answers: { 201: savedInputView },
    errors: ['trigger.not_found', 'dag.not_found', 'input.invalid', 'saved_input.name_taken', 'saved_input.too_many'],
  })
  async save(@CurrentCaller() caller: Caller, @Param('id') id: TriggerId, @Body() { name, data }: SavedInputBody) {
    const input = await this.forms.save(caller, id, name, data);
    const location = `${API_PREFIX}/triggers/${id}/inputs/${encodeURIComponent(name)}`;
    return new Answer(toSavedInputView(input), { location });
  }

  @Get('inputs')
  @Endpoint({
    access: 'trigger.view',
    summary: 'List the saved inputs of a trigger by their names, all at once',
    answers: { 200: savedInputPage },
    errors: ['trigger.not_found'],
  })
  async list(@CurrentCaller() caller: Caller, @Param('id') id: TriggerId) {
    const inputs = await this.forms.list(caller, id);
    return { items: inputs.map(toSavedInputView), nextCursor: null };
  }

  @Delete('inputs/:name')
  @Endpoint({
    access: 'trigger.manage',
    action: 'saved_input.delete',
    summary: 'Delete a saved input',
    answers: { 204: null },
    errors: ['trigger.not_found', 'saved_input.not_found'],
  })
  async remove(@CurrentCaller() caller: Caller, @Param('id') id: TriggerId, @Param('name') name: string) {
    await this.forms.remove(caller, id, name);
  }
}
