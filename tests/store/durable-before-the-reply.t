#!/usr/bin/perl
# The order of system calls that durability rests on: the file is synced before it is
# linked, the directories before 250; what QUIT removed is synced before +OK; a password
# is synced, renamed, and its directory synced before mailstore ends.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(program);
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

my $root = new_root();
my ($bob, $ann) = ('bob@example.com', 'ann@example.org');

# The calls of a program in their order, each as [ name, arguments, result ], with the
# path of each descriptor.
sub traced {
	my ($input, @command) = @_;
	my $trace = "$root.trace";
	my ($output, $status) = MailRoot::run($input, ['strace', '-f', '-qq', '-y', '-s', '2000', '-o', $trace,
	    '-e', 'trace=write,?writev,?sendto,fsync,fdatasync,linkat,?link,unlinkat,?unlink,mkdirat,?mkdir,?renameat,?renameat2,?rename',
	    @command]);
	is($status, 0, 'a good end') or diag $output;
	my @calls = map { /^(?:\d+ +)?(\w+)\((.*)\) += (\S+)/ ? [ $1, $2, $3 ] : () } split /\n/, octets_of($trace);
	unlink $trace;
	return @calls;
}

# The place of the first call, from $from on, whose name and arguments match; or -1.
sub place {
	my ($calls, $from, $name, $arguments) = @_;
	for ($from .. $#$calls) {
		return $_ if $calls->[$_][0] =~ /^(?:$name)$/ && $calls->[$_][1] =~ /$arguments/ && $calls->[$_][2] !~ /^-/;
	}
	return -1;
}

# Whether each step comes after the one before.
sub in_order {
	my ($calls, $name, @steps) = @_;
	my $at = 0;
	for (@steps) {
		my ($what, $call, $arguments) = @$_;
		my $found = place($calls, $at, $call, $arguments);
		if ($found < 0) {
			fail("$name: $what");
			diag map { "$_->[0]($_->[1]) = $_->[2]\n" } @$calls;
			return;
		}
		$at = $found + 1;
	}
	pass($name);
}

my $sync = 'fsync|fdatasync';
my $reply = 'write|writev|sendto';
my @add = traced("secret\n", program('mailstore'), '-d', $root, 'add', $bob);
in_order(\@add, 'mailstore add: the account',
	[ 'a domain is made', 'mkdir(?:at)?', 'example\.com' ],
	[ 'its parent is synced', $sync, 'accounts>' ]);
in_order(\@add, 'mailstore add: the password',
	[ 'it is written', 'write', 'SCRAM-SHA-256' ],
	[ 'and synced', $sync, 'passwords/example\.com/' ],
	[ 'it gets its name', 'rename(?:at2?)?', '"bob"' ],
	[ 'the directory is synced', $sync, 'passwords/example\.com>' ]);
add($root, $ann, 'secret');
MailRoot::remove_directory("$root/mail/$_") for 'example.com', 'example.org';

my $input = "EHLO c\r\nMAIL FROM:<a\@client.example>\r\nRCPT TO:<$bob>\r\nRCPT TO:<$ann>\r\nDATA\r\n"
    . "Subject: x\r\n\r\nx\r\n.\r\nQUIT\r\n";
for my $time ('first', 'second') {
	my @calls = traced($input, program('smtp-stdio'), '-d', $root, '-h', 'mail.example.org');
	for my $account ('example\.com/bob', 'example\.org/ann') {
		in_order(\@calls, "the $time delivery to $account",        ## smtp-5321-4.2.5-a smtp-stdio-store-c
			[ 'the file is written', 'write|writev', 'mail/\.incoming/.*Subject: x' ],
			[ 'and synced', $sync, 'mail/\.incoming/' ],
			[ 'it is linked', 'linkat', "$account/new" ],
			[ 'new/ is synced', $sync, "$account/new>" ],
			[ 'the client is told', $reply, '"250 2\.0\.0 ' ]);
		next if $time ne 'first';
		my ($domain, $user) = split m{/}, $account;
		in_order(\@calls, "the mailbox of $account",       ## smtp-5321-4.2.5-a
			[ 'the domain is made', 'mkdir(?:at)?', qq("$domain") ],
			[ 'mail/ is synced', $sync, 'mail>' ],
			[ 'the mailbox is made', 'mkdir(?:at)?', qq("$user") ],
			[ 'the domain is synced', $sync, "mail/$domain>" ],
			[ 'new/ is made', 'mkdir(?:at)?', '"new"' ],
			[ 'the mailbox is synced', $sync, "mail/$account>" ],
			[ 'the client is told', $reply, '"250 2\.0\.0 ' ]);
	}
	my $syncs = grep { $_->[0] =~ /^(?:$sync)$/ && $_->[1] =~ m{\.incoming/} } @calls;
	is($syncs, 1, 'one data sync whatever the number of recipients') if $time eq 'second';
}

my @quit = traced("USER $bob\r\nPASS secret\r\nDELE 1\r\nQUIT\r\n", program('pop3-stdio'), '-p', '-d', $root);
in_order(\@quit, 'QUIT',                ## pop3-1939-6-a
	[ 'the message is removed', 'unlink(?:at)?', 'example\.com/bob/new' ],
	[ 'the directory is synced', $sync, 'example\.com/bob/new>' ],
	[ 'the client is told', $reply, '"\+OK' ]);
done_testing();
