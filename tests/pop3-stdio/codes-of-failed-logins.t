#!/usr/bin/perl
# [AUTH] marks what comes from the credentials, and nothing else does it, nor has any
# other code in brackets: clients that see it ask their user for another password, and
# those that do not keep the one they have (RFC 3206 section 4).
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(program);
use StoreTest;
use Test::More;

my $root = new_root();
add($root, 'bob@example.com', 'secret');
my $plain = 'AGJvYkBleGFtcGxlLmNvbQBzZWNyZXQ=';        # \0bob@example.com\0secret

# Sends lines and looks at the last reply.
sub no_code {
	my ($client, @lines) = @_;
	my $reply;
	$reply = ask($client, $_) for @lines;
	like($reply, qr/^-ERR (?!\[)[\x20-\x7e]/, "no code behind '" . Program::visible(substr join("' '", @lines), 0, 60) . "'");     ## pop3-3206-a pop3-2449-8 pop3-5034-4-b
}

# Passwords are allowed here, and still each of these is no failed login.
my $client = pop3($root, flags => ['-e', '1000']);
no_code($client, @$_) for ['AUTH'], ['AUTH '], ['AUTH NONE'], ['AUTH [AUTH]'], ["AUTH PLAIN $plain $plain"], ['AUTH PLAIN !'], ['AUTH PLAIN', '*'],
    ['AUTH PLAIN', '!'], ['AUTH PLAIN', 'AAA'], ['AUTH PLAIN', "$plain\0"], ['AUTH PLAIN', "$plain\n"], ['AUTH PLAIN', 'QUFB' x 5000],
    ['AUTH LOGIN', '*'], ['AUTH LOGIN', '!'], ['AUTH LOGIN', 'Ym9i', '*'], ['AUTH LOGIN', 'Ym9i', '!'], ['AUTH LOGIN Ym9i', '*'],
    ['AUTH SCRAM-SHA-256', '*'], ['AUTH SCRAM-SHA-256', '!'], ['PASS secret'], ['USER'], ['STLS'], ['STLS x'];
like(ask($client, "AUTH PLAIN $plain"), qr/^\+OK/, 'after all that the right password');
no_code($client, @$_) for ['AUTH'], ["AUTH PLAIN $plain"], ['AUTH PLAIN'], ['STLS'], ['USER bob@example.com'];
ask($client, 'QUIT');
is($client->status, 0, 'a good end');

# On an open line passwords are refused, whatever they are.
$client = Program->start(command => [program('pop3-stdio'), '-d', $root]);
$client->line;
no_code($client, @$_) for ['USER bob@example.com'], ['PASS secret'], ['AUTH PLAIN'], ["AUTH PLAIN $plain"], ['AUTH PLAIN !'], ['AUTH LOGIN'],
    ['AUTH LOGIN Ym9i'];   ## pop3-2595-2.3
ask($client, 'QUIT');
is($client->status, 0, 'a good end');
done_testing();
