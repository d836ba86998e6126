#!/usr/bin/perl
# Whatever a client sends, each reply is one line of at most 512 octets that begins
# with +OK or -ERR, holds printable ASCII only, and has a bracket behind -ERR only
# for the response codes of RFC 2449 and RFC 3206.
use strict;
use warnings;
use lib 'tests/lib';
use StoreTest;
use Test::More;

my $root = new_root();
add($root, 'bob@example.com', 'secret');
put($root, 'mail/example.com/bob/new/1700000001.one.host', "Subject: one\n\nfirst\n");

my @anywhere = ('', ' ', 'XYZZY', 'xyzzy [IN-USE] x', '[AUTH]', 'CAPA x', "\xff\xfe\xfd", "BELL \x07\x1b[2J",
    'X' x 505, 'X' x 506, 'X' x 600, 'X' x 100_000, 'USER', 'USER ' . 'u' x 500, "USER b\xf6b\@example.com",
    'PASS', 'APOP a b', 'AUTH', 'AUTH SCRAM-SHA-256 [', 'STLS', 'UTF8', 'LANG', 'QUIT 1');
my @before = ('STAT', 'RETR 1', 'PASS secret', 'NOOP', 'RSET');
my @after = ('STAT', 'LIST 1', 'LIST 2', 'LIST ' . '9' x 490, 'LIST [SYS/TEMP]', 'DELE 2', 'DELE -1', 'RETR x',
    "RETR \xb2", 'TOP 1', 'TOP 1 -1', 'UIDL 1', 'UIDL 2', 'NOOP', 'RSET', 'DELE 1', 'DELE 1', 'RSET', 'USER bob',
    'PASS secret');

sub well_formed {
	my ($client, $command) = @_;
	my $reply = ask($client, $command);
	my $shown = Program::visible(substr $command, 0, 40);
	ok(length $reply <= 510 && $reply =~ /^(?:\+OK|-ERR)(?: [\x20-\x7e]*)?\z/,
	    "the reply to '$shown' is a status line")       ## pop3-1939-3-a
	    or diag Program::visible($reply);
	unlike($reply, qr{^-ERR \[(?!(?:IN-USE|SYS/TEMP|SYS/PERM|AUTH)\] )},
	    "the reply to '$shown' has a registered code or none");       ## pop3-2449-8
	unlike($reply, qr/^(?:\+OK|\+ERR) \[/, "and no code with a success");
}

my $client = pop3($root, flags => ['-e', '1000']);
well_formed($client, $_) for @anywhere, @before;
like(ask($client, 'USER bob@example.com'), qr/^\+OK/, 'USER after all that');
like(ask($client, 'PASS secret'), qr/^\+OK/, 'PASS after all that');
well_formed($client, $_) for @anywhere, @after;
well_formed($client, 'QUIT');
is($client->rest, '', 'and nothing behind the last');
is($client->status, 0, 'a good end');
done_testing();
