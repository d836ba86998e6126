#!/usr/bin/perl
# Deliveries from many processes at once, into the same mailboxes, while POP3 sessions
# read and remove: each acknowledged message is seen exactly once, whole.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use MailRoot qw(messages program);
use StoreTest;
use Test::More;
use Time::HiRes qw(sleep time);

my ($senders, $each) = (6, 12);
my @accounts = ('bob@example.com', 'ann@example.com');
my $root = new_root();
add($root, $_, 'secret') for @accounts;

my @sending;
for my $sender (1 .. $senders) {
	my $pid = fork;
	die "fork: $!\n" unless defined $pid;
	if (!$pid) {
		my @texts = map { "Subject: $sender.$_\n\n" . "body $sender.$_\n" x 50 } 1 .. $each;
		my @final = eval { send_messages($root, [], \@accounts, @texts) };
		require POSIX;
		POSIX::_exit(@final == $each && !grep({ !/^250 / } @final) ? 0 : 1);
	}
	push @sending, $pid;
}

# Reads and removes what is there, until all senders are done and nothing is left.
my (%seen, @wrong, $running);
my $deadline = time + 120;
do {
	require POSIX;
	$running = 0;
	for (@sending) {
		next unless $_;
		my $done = waitpid $_, POSIX::WNOHANG();
		if ($done > 0) {
			push @wrong, 'a message was refused' if $?;
			$_ = 0;
		} else {
			$running++;
		}
	}
	for my $account (@accounts) {
		my $client = eval { logged_in($root, $account, 'secret') };
		if (!$client) {
			push @wrong, "login: $@";
			next;
		}
		my ($first, $list) = lines($client, 'LIST');
		for my $line (split /\r\n/, $list) {
			my ($number, $size) = split ' ', $line;
			my ($reply, $text) = lines($client, "RETR $number");
			my ($id) = $text =~ /^Subject: (\d+\.\d+)\r$/m;
			push @wrong, "message $number is not whole"
			    unless defined $id && $text =~ /\r\n\r\n(?:body \Q$id\E\r\n){50}\z/ && $size == length $text;
			push @wrong, "$id is twice in $account" if defined $id && $seen{$account}{$id}++;
			ask($client, "DELE $number");
		}
		push @wrong, 'QUIT' unless ask($client, 'QUIT') =~ /^\+OK/;
	}
	sleep 0.02;
} while (time < $deadline && ($running || grep { scalar messages($root, $_) } @accounts));

is_deeply(\@wrong, [], 'every message was whole, and there once');     ## smtp-5321-4.2.5-a smtp-stdio-store-c pop3-1939-4-b
is(scalar keys %{$seen{$_}}, $senders * $each, "all of them came to $_") for @accounts;        ## smtp-5321-4.2.5-a
is_deeply([ entries("$root/mail/.incoming") ], [], 'mail/.incoming is clean');         ## smtp-stdio-store-c
is_deeply([ grep { m{/(?:new|cur|tmp)/} } entries("$root/mail/example.com") ], [], 'and so are the mailboxes');
is((mailstore($root, '', 'check'))[1], '', 'and mailstore check finds nothing');
kill 'KILL', grep { $_ } @sending;
done_testing();
