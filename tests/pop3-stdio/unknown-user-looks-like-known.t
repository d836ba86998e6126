#!/usr/bin/perl
# Nobody learns which names exist: USER is answered +OK for every well-formed name, hosted
# domain or not, and the refusal comes with the password, in the same words, whatever is
# wrong.  A password that was left behind without its account is none; nor is a login what
# would lead to a file in some other place.
use strict;
use warnings;
use lib 'tests/lib';
use MIME::Base64 qw(encode_base64);
use StoreTest;
use Test::More;

my $root = new_root();
add($root, 'bob@example.com', 'secret');
add($root, 'nopass@example.com', undef);
my $verifier = octets_of("$root/passwords/example.com/bob");
put($root, 'passwords/example.com/ghost', $verifier);
put($root, 'evil/passwd', $verifier);
put($root, 'passwords/.secret.d/bob', $verifier);

# Each refusal takes a while, so all are awaited together.
my @clients;

sub try {
	my ($user, $password, $what) = @_;
	my $client = pop3($root);
	$client->send("USER $user\r\nPASS $password\r\nSTAT\r\nQUIT\r\n");
	push @clients, [ $client, "$what by PASS", '+OK Now the password', '-ERR [AUTH] Wrong user name or password' ];
	$client = pop3($root);
	$client->send('AUTH PLAIN ' . (length $user < 300 ? encode_base64("\0$user\0$password", '') : "\r\n" . encode_base64("\0$user\0$password", ''))
	    . "\r\nSTAT\r\nQUIT\r\n");
	push @clients, [ $client, "$what by PLAIN", length $user < 300 ? () : '+ ', '-ERR [AUTH] Wrong user name or password' ];
}

try('bob@example.com', 'wrong', 'a wrong password');
try('nobody@example.com', 'secret', 'nobody');
try('ghost@example.com', 'secret', 'a password without an account');
try('nopass@example.com', 'secret', 'an account without a password');
try('nopass@example.com', 'x', 'and another password');
try('bob@elsewhere.example', 'secret', 'a domain that is not hosted');
try('bob+tag@example.com', 'secret', 'a subaddress, which is for mail only');
try('*@example.com', 'secret', 'the account that takes the rest');
try('postmaster', 'secret', 'a name without a domain');
try('bob', 'secret', 'and one that is a mailbox with a domain');
try('../evil@example.com', 'secret', 'a way out of the domain');
try('bob/../bob@example.com', 'secret', 'a way around');
try('bob@../passwords/example.com', 'secret', 'a domain with slashes');
try('bob@.secret.d', 'secret', 'a domain with a dot in front');
try('.secret@example.com', 'secret', 'a name with a dot in front');
try('@example.com', 'secret', 'no name');
try('bob@', 'secret', 'no domain');
try('@', 'secret', 'neither');
try("bo\x01b\@example.com", 'secret', 'a control character');
try("bob\@example.com\x7f", 'secret', 'another one');
try('x' x 300 . '@example.com', 'secret', 'a name that is too long');

for (@clients) {
	my ($client, $what, @expected) = @$_;
	is($client->line, $_, "$what: the reply is that of a wrong password") for @expected;   ## pop3-1939-7-e pop3-3206-a
	like($client->line, qr/^-ERR /, "$what: nobody is logged in");
	like($client->line, qr/^\+OK/, "$what: QUIT");
	is($client->status, 0, "$what: a good end");
}

my $client = pop3($root);
like(ask($client, 'USER'), qr/^-ERR (?!\[)/, 'USER wants a name');    ## pop3-1939-7-e pop3-3206-a
ask($client, 'USER bob@example.com');
like(ask($client, 'PASS secret'), qr/^\+OK/, 'and the right one is let in');
ask($client, 'QUIT');
done_testing();
