#!/usr/bin/perl
# Where a link cannot be made, because a mailbox is on another file system or has no room
# for links, the message is copied, and is just as whole and safe.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use MailRoot qw(messages);
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

my @messages = map { "Subject: message $_\n\n" . "The $_. message.\n.\n" x 5000 } 1, 2;

for my $error (qw(EXDEV EMLINK EPERM)) {
	my ($root, @accounts) = accounts_root(2, 1);
	my @final = send_messages($root, [qw(strace -f -qq -o /dev/null -e trace=linkat -e), "inject=linkat:error=$error"],
	    \@accounts, @messages);
	like("@final", qr/^250 .* 250 /, "with $error, each message is taken");
	judge_delivery($root, \@accounts, \@messages, \@final);        ## smtp-stdio-store-b
	my ($one, $other) = map { (stat((messages($root, $_))[0]))[1] } @accounts;
	isnt($one, $other, 'they are copies');          ## smtp-stdio-store-b
}

# Where the copy could only be written into the mailbox itself, a server may not: the client
# is to try again, and nothing is left for it to find.
{
	my ($root, @accounts) = accounts_root(2, 1);
	my @final = send_messages($root, [qw(strace -f -qq -o /dev/null -e), 'trace=linkat,renameat', '-e',
	    'inject=linkat,renameat:error=EXDEV'], \@accounts, @messages);
	like("@final", qr/^451 .* 451 /, 'on another file system, no message is taken');
	judge_delivery($root, \@accounts, \@messages, \@final);
}

# The same of the queue for other hosts.
my ($away, $far) = ('user1@example.com', 'far@elsewhere.example');
for my $error (qw(EMLINK EPERM)) {
	my ($root, @accounts) = accounts_root(2, 1);
	is((mailstore($root, '', 'forward', $away, $far))[0], 0, 'somebody is elsewhere');
	my @final = send_messages($root, [qw(strace -f -qq -o /dev/null -e trace=linkat -e), "inject=linkat:error=$error"],
	    \@accounts, @messages);
	like("@final", qr/^250 .* 250 /, "with $error, each message is queued");
	judge_delivery($root, [ $far, $accounts[1] ], \@messages, \@final);     ## smtp-stdio-store-b
}

# Killed while it copies.
my ($start, @accounts) = accounts_root(2, 1);
my $faults = each_fault(
	root => $start, calls => ['renameat', 'fsync'], fault => 'signal=KILL', always => ['linkat:error=EXDEV'],
	session => sub {
		my ($root, @before) = @_;
		return [ send_messages($root, \@before, \@accounts, $messages[0]) ];
	},
	judge => sub {
		my ($root, $name, $final) = @_;
		local $_;
		my @wrong = grep { octets_of($_) !~ /\Q$messages[0]\E\z/ } map { messages($root, $_) } @accounts;
		is(scalar @wrong, 0, 'nothing half is visible');       ## smtp-stdio-store-c
		is(scalar(grep { messages($root, $_) == 1 } @accounts), 2, 'what was acknowledged is everywhere')
		    if $final->[0] =~ /^250/;    ## smtp-5321-4.2.5-a
	});
cmp_ok($faults, '>=', 7, "$faults sessions were killed");
done_testing();
