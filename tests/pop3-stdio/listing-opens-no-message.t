#!/usr/bin/perl
# Where the names carry the sizes, no message is opened or even looked at until it is
# sent: login, STAT, LIST, UIDL and DELE cost two directory reads whatever the number.
use strict;
use warnings;
use lib 'tests/lib';
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

my $count = 500;
my $root = new_root();
add($root, 'bob@example.com', 'secret');
for my $number (1 .. $count) {
	my $name = sprintf '%d.msg%04d.host,S=20,W=23', 1_700_000_000 + $number, $number;
	put($root, 'mail/example.com/bob/' . ($number % 2 ? "new/$name" : "cur/$name:2,S"), "Subject: one\n\nfirst\n");
}

# The system calls of a session that name a message.
sub about_messages {
	my ($commands) = @_;
	my $trace = "$root.trace";
	my ($output, $status) = pop3_session($root,
	    join('', map { "$_\r\n" } 'USER bob@example.com', 'PASS secret', @$commands, 'QUIT'),
	    before => ['strace', '-f', '-qq', '-s', '200', '-o', $trace, '-e', 'trace=%file']);
	is($status, 0, "a good end: @$commands");
	my @about = grep { /\.msg\d+\.host/ } split /\n/, octets_of($trace);
	unlink $trace;
	return @about;
}

my @named = about_messages(['STAT', 'LIST', 'UIDL', 'LIST 3', 'UIDL 3', 'DELE 3', 'STAT', 'LIST', 'RSET']);
is(scalar @named, 0, 'no system call names a message')          ## pop3-store-g
    or diag join "\n", @named[0 .. ($#named > 4 ? 4 : $#named)];
@named = about_messages(['STAT', 'RETR 7', 'LIST']);
is(scalar(() = "@named" =~ /open/g), 1, 'RETR opens the one that it sends')      ## pop3-store-g
    or diag join "\n", @named;
done_testing();
