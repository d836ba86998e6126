#!/usr/bin/perl
# Each call on the store fails once in the commands that remove mail for other hosts, or make
# it due; and they are killed at each of them.  An entry is there whole, as it was or as it
# was to be, or it is gone; who asked is told what became of it.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use JSON::PP;
use MailRoot qw(program);
use StoreTest;
use Test::More;

my ($one, $two) = map { queue_id($_) } 1, 2;
my $text = "Subject: one\n\nfirst\n";
my $due = time + 5000;

my $root = new_root();
add($root, 'bob@example.com');
for ($one, $two) {
	queue_entry($root, $_, $text, "arrived 1700000000\nfrom <bob\@example.com> ENVID=$_\n"
	    . "to 3 $due <alice\@example.org>\nsaid mail.example.net: 451 4.7.1 Later\nto 4 $due <carol\@example.org>\n", $due);
}
MailRoot::run('', ['mkdir', '-m', '700', '-p', "$root/mail/.incoming"]);

# The queue as it is listed: objects by their ids.
sub queue {
	my ($root) = @_;
	my ($status, $output, $errors) = mailstore($root, '', 'queue', '-j');
	is($status, 0, 'the queue can be read') or diag $errors;
	return map { $_->{id} => $_ } map { decode_json($_) } split /\n/, $output;
}

my %before = queue($root);

# Whether an entry is as it was, or as it was but due.
sub is_due {
	my ($entry) = @_;
	my @due = map { abs($_->{due} - time) < 600 } @{$entry->{recipients}};
	my $is_due = $due[0];
	$_->{due} = $due for @{$entry->{recipients}};
	is_deeply($entry, $before{$entry->{id}}, 'it is whole');
	ok(!$is_due == !$due[1], 'both recipients are due, or none');
	return $is_due;
}

my %judge = (
	'-r' => sub {
		my ($root, $done, $entry) = @_;
		ok($done ? !$entry : 1, 'what was removed is gone');
		ok(!is_due($entry), 'or as it was') if $entry;
		return !-e "$root/outgoing/message/$one" || !$done;
	},
	'-n' => sub {
		my ($root, $done, $entry) = @_;
		ok(defined $entry, 'it is there') or return 0;
		my $is_due = is_due($entry);
		ok($is_due || !$done, 'and due where that was said');
		my $written = (stat "$root/outgoing/envelope/$one")[9];
		return $is_due ? abs($written - time) < 600 : $written == $due;
	},
	'check' => sub {
		my ($root, $done, $entry) = @_;
		return $entry && !is_due($entry);
	},
);

for (['-r', 'queue', '-r', $one], ['-n', 'queue', '-n', $one], ['-n', 'queue', '-n'], ['check', 'check', '-r']) {
	my ($judge, @command) = @$_;
	my %scenario = (
		root => $root,
		session => sub {
			my ($copy, @before) = @_;
			my ($said, $status) = MailRoot::run('', [@before, program('mailstore'), '-d', $copy, @command], errors => "$copy.errors");
			$said .= octets_of("$copy.errors");
			unlink "$copy.errors";
			return [$status, $said];
		},
		judge => sub {
			my ($copy, $fault, $result) = @_;
			my ($status, $said) = @$result;
			my $is_kill = $fault =~ /^kill/;
			like($status, $is_kill ? qr/^(?:0|signal 9|137)$/ : qr/^(?:0|65|75)$/, 'an end that is known') or diag $said;
			isnt($said, '', 'a failure is told') if !$is_kill && $status ne '0';
			is($status, 0, 'what can be made again is') if $fault =~ /^EINTR at (?:openat|read|write|fsync|fcntl),|at no call/;
			isnt($status, 0, 'who asked is told') if $fault =~ /^E(?!INTR)\w+ at (?:write|fsync|renameat|read|readdir),/;
			my %queue = queue($copy);
			ok($judge{$judge}->($copy, $status eq '0', $queue{$one}), 'and so it is on the disk');
			ok(defined $queue{$two}, 'the other one is there');
			ok(-e "$copy/outgoing/message/$_", 'with its message') for keys %queue;
			my $long_ago = time - 3600;     # what is new may be somebody's at work
			utime $long_ago, $long_ago, map { "$copy/$_" } entries($copy);
			my ($checked, $found) = mailstore($copy, '', 'check', '-r');
			is($checked, 0, 'check -r has nothing more to do than to sweep') or diag $found;
		},
	);
	for my $error (qw(EIO ENOSPC EINTR short kill)) {
		my $faults = each_failing_call(%scenario, error => $error);
		cmp_ok($faults, '>=', 5, "@command: $error at each of $faults calls");
	}
}
done_testing();
