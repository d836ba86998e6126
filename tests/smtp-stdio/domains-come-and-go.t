# A session keeps the directory of a domain open that it has looked into: accounts and domains
# that are removed and made meanwhile count all the same.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;

my $root = new_root('bob@example.com');
my $client = start('smtp-stdio', $root, []);
$client->line;
$client->ask('HELO client.example');

sub mailstore {
	my ($verb, $flag, $address) = @_;
	my (undef, $status) = run('', [ program('mailstore'), '-d', $root, $verb, $flag, $address ]);
	is($status, 0, "mailstore $verb $address");
}

sub rcpt {
	my ($address, $code, $name) = @_;
	$client->ask('MAIL FROM:<a@client.example>');
	like($client->ask("RCPT TO:<$address>"), qr/^$code /, $name);
	$client->ask('RSET');
}

rcpt('bob@example.com', 250, 'an account');
rcpt('alice@example.com', 550, 'none');
mailstore('add', '-n', 'alice@example.com');
rcpt('alice@example.com', 250, 'one that is new');
mailstore('remove', '-f', 'alice@example.com');
rcpt('alice@example.com', 550, 'and is gone');
mailstore('remove', '-f', 'bob@example.com');
rcpt('bob@example.com', 550, 'with its domain');
mailstore('add', '-n', 'bob@example.com');
rcpt('bob@example.com', 250, 'both are back');
mailstore('remove', '-f', 'bob@example.com');
mailstore('add', '-n', 'bob@example.com');
rcpt('postmaster@example.com', 250, 'postmaster is made in a domain that was made again');
mailstore('remove', '-f', 'postmaster@example.com');
mailstore('remove', '-f', 'bob@example.com');
mailstore('add', '-n', 'carol@example.com');
rcpt('carol+x@example.com', 250, 'an account in a domain that was made again');
mailstore('add', '-n', '*@example.com');
rcpt('who@example.com', 250, 'a catch-all');
done_testing;
