#!/usr/bin/perl
# A file system that is really full, of octets and of files: messages are refused for now,
# nothing is left of them, and what was acknowledged stays.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use MailRoot qw(messages);
use StoreTest;
use Test::More;

needs_root();

for my $limit ('size=1m', 'size=8m,nr_inodes=40') {
	my $root = new_root();
	mkdir $root, 0700 or die "$root: $!\n";
	if (system("mount -t tmpfs -o mode=0700,$limit tmpfs $root 2>/dev/null") != 0) {
		StoreTest::missing('may not mount a tmpfs');
	}
	my @accounts = ('bob@example.com', 'ann@example.com');
	eval {
		add($root, $_, 'secret') for @accounts;
		my @texts = map { "Subject: $_\n\n" . "message $_\n" x 4000 } 1 .. 60;
		my @final = send_messages($root, [], \@accounts, @texts);
		my @taken = grep { $final[$_] =~ /^250 / } 0 .. $#final;
		my @refused = grep { $final[$_] =~ /^452 4\.3\.1 / } 0 .. $#final;
		cmp_ok(scalar @taken, '>', 3, "$limit: some fit");
		cmp_ok(scalar @refused, '>', 3, 'some do not, and are refused for now');       ## smtp-5321-4.3.2-452
		is(@taken + @refused, @final, 'there is no other reply') or diag join "\n", @final;
		judge_delivery($root, \@accounts, \@texts, \@final);   ## smtp-5321-4.2.5-b smtp-stdio-store-c
		my $client = logged_in($root, $accounts[0], 'secret');
		like(ask($client, 'STAT'), qr/^\+OK ${\ scalar @taken} /, 'POP3 works on a full disk');
		ask($client, "DELE $_") for 1 .. 3;
		like(ask($client, 'QUIT'), qr/^\+OK/, 'and makes room');
		1;
	} or fail("$limit: $@");
	system('umount', $root) == 0 or diag "umount $root: $?";
}
done_testing();
