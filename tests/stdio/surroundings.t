#!/usr/bin/perl
# What a server finds itself in: a host name that cannot be said, or is none; a supervisor
# whose descriptors are open, on a kernel that closes them one by one only; standard error
# that is the client's, which learns nothing of wrong flags.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(contents program run);
use StoreTest;
use Test::More;

plain_build('system calls');
needs_root();
needs_strace();
StoreTest::missing('needs unshare (Debian package util-linux)') unless grep { -x "$_/unshare" } split /:/, $ENV{PATH};

my $root = new_root();
add($root, 'bob@example.com', 'secret');
my @programs = ([ 'smtp-stdio', qr/^220 (\S+) /, qr/^221 / ], [ 'pop3-stdio', qr/^\+OK (\S+) /, qr/^\+OK / ]);

# A session of nothing but QUIT, behind what stands before.
sub quit {
	my ($name, @before) = @_;
	return run("QUIT\r\n", [ @before, program($name), '-d', $root ], limit => 60);
}

for (
	[ 'a blank and a control character', "mail \x{1}example", 'mail--example' ],
	[ 'eight bits', "m\xfcller.example", 'm-ller.example' ],
) {
	my ($what, $given, $said) = @$_;
	for (@programs) {
		my ($name, $greeting) = @$_;
		my ($output, $status) = quit($name, 'unshare', '--uts', 'sh', '-c',
		    'printf %s "$0" >/proc/sys/kernel/hostname && exec "$@"', $given);
		is("$status " . ($output =~ $greeting ? $1 : $output), "0 $said", "$name: $what in the host's name");
	}
}

for (@programs) {
	my ($name) = @$_;
	my $trace = "$root.trace";
	my ($output, $status) = quit($name, 'sh', '-c', 'exec 7</dev/null; exec "$@"', 'sh', 'strace', '-qq', '-o', $trace,
	    '-e', 'trace=?close_range,close', '-e', 'inject=?close_range:error=ENOSYS');
	is($status, 0, "$name, where descriptors are closed one by one: a session");
	like(octets_of($trace), qr/^close\(7\) += 0$/m, 'and what came with it is closed');
	unlink $trace;
}

for (@programs) {
	my ($name) = @$_;
	my $program = Program->start(wire => 'socket', limit => 60, command =>
	    [ 'sh', '-c', 'exec "$@" 2>&1', 'sh', program($name), '-d', $root, '-Z' ]);
	is($program->rest, '', "$name: a wrong flag is nothing to tell a client");
	is($program->status, 64, 'the status says it');
}
done_testing();
