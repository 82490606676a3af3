begin;
select plan(4);

select is(
  private.token_hash('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  'the hash is SHA-256 in hex'
);
select is(
  private.token_hash('é'), encode(sha256('\xc3a9'::bytea), 'hex'), 'of the text in UTF-8'
);
select isnt(private.new_token('x_'), private.new_token('x_'), 'and no two tokens are alike');
select matches(private.new_token('x_'), '^x_[0-9a-f]{64}$', 'a token carries its prefix');

select * from finish();
rollback;
