#!/usr/bin/perl
# A file system that the mail itself fills, with octets or with files: messages are refused
# for now, nothing is left of them, and what was acknowledged stays.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use FileSystem;
use StoreTest;
use Test::More;

own_mounts();
my @accounts = ('bob@example.com', 'ann@example.com');
my @disks = map { FileSystem->new('tmpfs', @$_) } [ megabytes => 1 ], [ megabytes => 8, options => 'nr_inodes=40' ];
for my $disk (@disks) {
	my $root = $disk->path . '/root';
	add($root, $_, 'secret') for @accounts;
	my @texts = map { "Subject: $_\n\n" . "message $_\n" x 4000 } 1 .. 60;
	my @final = send_messages($root, [], \@accounts, @texts);
	my @taken = grep { $final[$_] =~ /^250 / } 0 .. $#final;
	my @refused = grep { $final[$_] =~ /^452 4\.3\.1 / } 0 .. $#final;
	cmp_ok(scalar @taken, '>', 3, 'some fit');
	cmp_ok(scalar @refused, '>', 3, 'some do not, and are refused for now');       ## smtp-5321-4.3.2-452
	is(@taken + @refused, @final, 'there is no other reply') or diag join "\n", @final;
	judge_delivery($root, \@accounts, \@texts, \@final);   ## smtp-5321-4.2.5-b smtp-stdio-store-c
	my $client = logged_in($root, $accounts[0], 'secret');
	like(ask($client, 'STAT'), qr/^\+OK ${\ scalar @taken} /, 'POP3 works on a full disk');
	ask($client, "DELE $_") for 1 .. 3;
	like(ask($client, 'QUIT'), qr/^\+OK/, 'and makes room');
	$client->status;
}
done_testing();
