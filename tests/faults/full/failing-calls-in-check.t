#!/usr/bin/perl
# Each call on the store fails once in mailstore check -r, and in what lists the queue and a
# mailbox: what could not be looked at is never called good, no message goes, and what could
# not be mended is mended the next time.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use MailRoot qw(messages program run);
use StoreTest;
use Test::More;

my ($bob, $ann) = ('bob@example.com', 'ann@example.com');
my $maildir = 'mail/example.com/bob';
my $envelope = "arrived 1700000001\nfrom <$ann>\nto 0 1700000001 <far\@elsewhere.example>\n";
my $random = '0123456789abcdef';
my @texts = map { "Subject: $_\n\ntext of $_\n" } 'one', 'two';

sub age {
	my ($root) = @_;
	utime time - 3600, time - 3600, $root, map { "$root/$_" } entries($root);
}

# A mail root with one of each kind of thing that check -r mends, and of those that it reads.
sub root_to_mend {
	my $root = new_root();
	add($root, $bob, 'secret');
	put($root, "$maildir/new/1700000001.one.host,S=25,W=28", $texts[0]);
	put($root, "$maildir/cur/1700000002.two.host:2,S", $texts[1]);
	put($root, 'accounts/example.com/bob/forward', "$bob\n$ann\n");
	put($root, 'accounts/example.com/bob/quota', "100000\n");
	put($root, "accounts/example.com/bob/.new.$random", "1\n");
	put($root, 'accounts/example.com/ann/.keep', '');
	unlink "$root/accounts/example.com/ann/.keep";
	put($root, 'mail/.incoming/1700000001.x.host', 'x');
	put($root, "mail/.removed.$random/new/1700000001.gone.host", "Subject: gone\n\n");
	queue_entry($root, queue_id(1), $texts[0], $envelope, 1700000001);
	queue_entry($root, queue_id(2), $texts[1]);
	age($root);
	chmod 0755, "$root/$maildir/new";
	return $root;
}

# Runs mailstore in a copy; returns its status, what it printed, and what it said.
sub command {
	my (@words) = @_;
	return sub {
		my ($copy, @before) = @_;
		my ($output, $status) = run('', [ @before, program('mailstore'), '-d', $copy, @words ],
		    errors => "$copy.errors", limit => 60);
		my $said = octets_of("$copy.errors");
		unlink "$copy.errors";
		return [ $status, $output, $said ];
	};
}

sub judge_rest {
	my ($copy) = @_;
	is(join('', map { octets_of($_) } messages($copy, $bob)), join('', @texts), 'no message has gone');
	is(octets_of("$copy/outgoing/message/" . queue_id(1)), $texts[0], 'nor one of the queue');
}

my $faults = each_failing_call(
	root => root_to_mend(), error => 'EIO', session => command('check', '-r'),
	judge => sub {
		my ($copy, $fault, $result) = @_;
		my ($status, $output, $said) = @$result;
		like($status, qr/^(?:0|65|75)$/, 'the status is one of those of check') or diag $output, $said;
		my ($then, $found) = mailstore($copy, '', 'check');
		is($found, '', 'what it called good is') if $status eq '0';
		isnt($output . $said, '', 'and it says so') if $status ne '0';
		isnt($status, '0', 'what cannot be read or written is told') if $fault =~ / at (?:read|pread|readdir|fsync|fchmodat|linkat),/;
		judge_rest($copy);
		age($copy);
		is((mailstore($copy, '', 'check', '-r'))[0], 0, 'the next one mends it');
		is((mailstore($copy, '', 'check'))[1], '', 'and nothing is left');
	});
cmp_ok($faults, '>=', 100, "each of $faults calls of check");

my $good = root_to_mend();
for (
	[ [ 'queue' ], qr/elsewhere\.example/ ],
	[ [ 'queue', '-n' ], qr/\A/ ],
	[ [ 'list', $bob ], qr/^1700000001\.one\.host .*^1700000002\.two\.host /ms ],
) {
	my ($words, $whole) = @$_;
	my $name = "mailstore @$words";
	$faults = each_failing_call(
		root => $good, error => 'EIO', session => command(@$words),
		judge => sub {
			my ($copy, $fault, $result) = @_;
			my ($status, $output, $said) = @$result;
			like($status, qr/^(?:0|65|66|75)$/, 'done, or not') or diag $said;
			like($output, $whole, 'done means all of it') if $status eq '0';
			like($said, $status eq '0' ? qr/\A\z/ : qr/^mailstore: /, 'and says why not');
			judge_rest($copy);
		});
	cmp_ok($faults, '>=', 20, "$name: each of $faults calls");
}
done_testing();
