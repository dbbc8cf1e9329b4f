import { Doc, Optional } from '@flow/http';
import type { Json } from '@flow/kernel';
import { LARGEST_SECRET_BYTES, MOST_HOSTS } from '@flow/secrets';
import { ArrayMaxSize, IsArray, IsBoolean, IsDefined, IsString, Length } from 'class-validator';

export class SecretContentBody {
  @Doc('Goes in and never comes out of this API.')
  @IsString()
  @Length(1, LARGEST_SECRET_BYTES)
  value!: string;

  @Doc('Hosts that it may be sent to: `api.example.com` or `*.example.com`. Nowhere when left out.', [
    'api.example.com',
  ])
  @Optional()
  @IsArray()
  @ArrayMaxSize(MOST_HOSTS)
  @IsString({ each: true })
  hosts?: string[];
}

export class NewSecretBody extends SecretContentBody {
  @Doc('Read in flows as `{{secrets.name}}`.', 'apiKey')
  @IsString()
  @Length(1, 128)
  name!: string;
}

export class DeleteSecretQuery {
  @Doc('Deletes it though DAGs name it, instead of refusing.')
  @IsBoolean()
  force: boolean = false;
}

export class VariableContentBody {
  @Doc('Any JSON value.')
  @IsDefined()
  value!: Json;
}

export class NewVariableBody extends VariableContentBody {
  @Doc('Read in flows as `{{variables.name}}`.', 'region')
  @IsString()
  @Length(1, 128)
  name!: string;
}
