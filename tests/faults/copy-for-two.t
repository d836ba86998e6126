#!/usr/bin/perl
# A forwarder's copy that two recipients of one message share, by LMTP, when a call fails:
# where it could not be written for the first, the second does not get what there is of it.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use MailRoot qw(contents messages);
use StoreTest;
use Test::More;

my $text = "Subject: one\n\nall of it\n";
my $root = new_root();
add($root, $_) for map { "$_\@example.com" } qw(office bob carol);
mailstore($root, '', 'forward', 'office@example.com', 'bob@example.com', 'carol@example.com');

my $faults = each_failing_call(root => $root, error => 'EIO',
	session => sub {
		my ($at, @before) = @_;
		my ($client, $good) = smtp_client($at, before => \@before, flags => ['-l']);
		my @replies = $good ? send_one($client, [ ('office@example.com') x 2 ], $text, 1) : ();
		say_to($client, "QUIT\r\n") if $good;
		eval { $client->rest; $client->status };
		$client->stop;
		return \@replies;
	},
	judge => sub {
		my ($at, $name, $replies) = @_;
		for my $user ('bob', 'carol') {
			my @got = map { contents($_) } messages($at, "$user\@example.com");
			is(scalar(grep { !/\n\Q$text\E\z/ } @got), 0, "$user has no part of it");
			is(scalar @got, 1, "$user has it, as was said") if grep { /^250/ } @$replies;
		}
	});
cmp_ok($faults, '>', 20, 'there are calls that can fail');
done_testing();
