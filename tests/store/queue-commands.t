#!/usr/bin/perl
# mailstore queue: what waits for another host, as text for people and as JSON lines for
# programs; entries that are removed, and made due; what is being sent, and what is no entry.
use strict;
use warnings;
use lib 'tests/lib';
use JSON::PP;
use StoreTest;
use Test::More;

my ($one, $two, $three) = map { queue_id($_) } 1 .. 3;
my $text = "Return-Path: <bob\@example.com>\nSubject: one\n\nfirst\n";
my $now = time;
my ($hour, $later) = ($now - 3700, $now + 700);
my %envelope = (
	$one => "arrived $hour\nfrom <bob\@example.com> BODY=8BITMIME RET=HDRS\n"
	    . "to 3 $later <alice\@example.org> NOTIFY=NEVER\nsaid mail.example.net: 451 4.7.1 Greylisted\n"
	    . "to 0 $hour <\"a b\"\@example.org>\n",
	$two => "arrived $now\nfrom <>\nwarned\nfailed 5.1.1 <carol\@example.net>\n"
	    . "said mail.example.net: 550 5.1.1 \xc2\x9b31mNo \xc3\xa9\n",
	$three => 'arrived ' . ($now - 4 * 86400) . "\nfrom <bob\@example.com>\nto 9 " . ($now + 9000) . " <dora\@example.org>\n",
);

sub new_queue {
	my $root = new_root();
	add($root, 'bob@example.com');
	queue_entry($root, $one, $text, $envelope{$one}, $hour);
	queue_entry($root, $two, 'x' x 100, $envelope{$two}, $now);
	queue_entry($root, $three, $text, $envelope{$three}, $now + 9000);
	return $root;
}

sub queue_says {
	my ($root, $arguments, $status, $output, $errors, $what) = @_;
	my ($got, $said, $complained) = mailstore($root, '', 'queue', @$arguments);
	is($got, $status, "$what: exit status");
	like($said, qr/\A$output\z/, "$what: output");
	like($complained, qr/\A$errors\z/, "$what: errors");
}

sub due {
	my ($root, $id) = @_;
	return (stat "$root/outgoing/envelope/$id")[9];
}

my $empty = new_root();
add($empty, 'bob@example.com');
queue_says($empty, [], 0, '', '', 'no queue');
queue_says($empty, ['-n'], 0, '', '', 'nothing to make due');
queue_says($empty, ['-r', $one], 66, '', qr/mailstore: .*\b$one\b.*\n/, 'nothing to remove');
ok(!-e "$empty/outgoing", 'none is made by that');

my $root = new_queue();
my @before = entries($root);
my $size = length $text;
my @lines = (
	qr/$one +1h +$size +3 +11m  bob\@example\.com  alice\@example\.org  mail\.example\.net: 451 4\.7\.1 Greylisted\n/,
	qr/$one +1h +$size +0 +now  bob\@example\.com  "a b"\@example\.org\n/,
	qr/$two +\ds +100 +0 +now  <>  carol\@example\.net  mail\.example\.net: 550 5\.1\.1 \?\?31mNo \?\?\n/,
	qr/$three +4d +$size +9 +2h  bob\@example\.com  dora\@example\.org\n/,
);
queue_says($root, [], 0, join('', @lines), '', 'a line for each recipient, those first that are due first');
my (undef, $json) = mailstore($root, '', 'queue', '-j');
my @objects = map { decode_json($_) } split /\n/, $json;
is_deeply(\@objects, [
	{ id => $one, arrived => $hour, octets => $size, busy => JSON::PP::false, from => 'bob@example.com', recipients => [
		{ to => 'alice@example.org', state => 'waiting', tries => 3, due => $later, server => 'mail.example.net',
		    said => '451 4.7.1 Greylisted' },
		{ to => '"a b"@example.org', state => 'waiting', tries => 0, due => $hour } ] },
	{ id => $two, arrived => $now, octets => 100, busy => JSON::PP::false, from => '', recipients => [
		{ to => 'carol@example.net', state => 'failed', status => '5.1.1', server => 'mail.example.net',
		    said => "550 5.1.1 \x{9b}31mNo \x{e9}" } ] },
	{ id => $three, arrived => $now - 4 * 86400, octets => $size, busy => JSON::PP::false, from => 'bob@example.com',
	    recipients => [ { to => 'dora@example.org', state => 'waiting', tries => 9, due => $now + 9000 } ] },
], 'an object for each message');
like($json, qr/\\u009b/, 'with nothing that a terminal acts on');
is_deeply([ entries($root) ], \@before, 'nothing is changed by looking');

# One is being sent
my $sender = held("$root/outgoing/message/$three");
queue_says($root, [], 0, qr/(?:.*\n){3}$three .* busy  .*\n/, '', 'what is being sent');
like((mailstore($root, '', 'queue', '-j'))[1], qr/"id":"$three"[^\n]*"busy":true/, 'as an object');
for my $flag ('-r', '-n') {
	queue_says($root, [ $flag, $three ], 75, '', qr/mailstore: .*$three: it is being sent just now\n/, "$flag for that");
}
queue_says($root, ['-n'], 0, '', '', 'all are made due but that');
undef $sender;

# Made due
cmp_ok(abs(due($root, $one) - time), '<', 30, 'it is due');
is(due($root, $three), $now + 9000, 'and that is not');
my (undef, $made_due) = mailstore($root, '', 'queue', '-j');
my ($first) = grep { $_->{id} eq $one } map { decode_json($_) } split /\n/, $made_due;
is(scalar(grep { $_->{due} - time < 30 } @{$first->{recipients}}), 2, 'all its recipients are');
is($first->{recipients}[0]{tries}, 3, 'the tries count still');
like(octets_of("$root/outgoing/envelope/$one"), qr/^from <bob\@example\.com> BODY=8BITMIME RET=HDRS$/m, 'parameters stay');
is(octets_of("$root/outgoing/envelope/$two") , $envelope{$two}, 'what only waits for a report is as it was');
queue_says($root, [ '-n', $three, 'no-id', $one ], 66, '', qr/mailstore: .*\bno-id\b.*\n/, 'the others are made due, too');
cmp_ok(abs(due($root, $three) - time), '<', 30, 'it is due');

# Those that are due already are passed over; but a change is what a run is started on
sub files_of {
	my ($root) = @_;
	return map { (stat "$root/outgoing/envelope/$_")[1] } $one, $two, $three;
}
my $due = new_queue();
put($due, "outgoing/envelope/$_", $envelope{$_} =~ s/^to 3 $later /to 3 $hour /mr) for $one, $two;
my @files = files_of($due);
queue_says($due, ['-n'], 0, '', '', 'those are made due that are not');
my @now = files_of($due);
is("@now[0, 1]", "@files[0, 1]", 'and no others are written again');
isnt($now[2], $files[2], 'the one that was not is');
queue_says($due, ['-n'], 0, '', '', 'once more, when all are due');
my @then = files_of($due);
is(scalar(grep { $now[$_] != $then[$_] } 0 .. 2), 1, 'one is written again');

# Removed
queue_says($root, [ '-r', $three, $two ], 0, '', '', 'two are removed');
is(join(' ', map { s{.*/}{}r } glob "$root/outgoing/*/*"), "$one $one", 'with their messages');
queue_says($root, [ '-r', $three ], 66, '', qr/mailstore: .*$three.*\n/, 'once');

# What is no entry
put($root, "outgoing/envelope/$two", "arrived soon\n");
put($root, "outgoing/message/$two", 'x');
put($root, "outgoing/envelope/$three", $envelope{$three});
queue_says($root, [], 65, qr/$lines[0]?.*\n.*\n/, qr/(?:mailstore: .*(?:$two|$three): malformed\n){2}/, 'a malformed one, and one without a message');
for my $id ($two, $three) {
	queue_says($root, [ '-n', $id ], $id eq $two ? 65 : 66, '', qr/mailstore: .*$id.*\n/, 'neither can be made due');
	queue_says($root, [ '-r', $id ], 0, '', '', 'but be removed');
}
is(join(' ', map { s{.*/}{}r } glob "$root/outgoing/*/*"), "$one $one", 'and are gone');
put($root, "outgoing/message/$two", 'x');
queue_says($root, [ '-r', $two ], 66, '', qr/.*\n/, 'a message without an envelope is none');
for my $path ('../../accounts/example.com/bob/quota', "$one/", ".$one", '', uc "${one}a") {
	queue_says($root, [ '-r', $path ], 66, '', qr/mailstore: .*\n/, "no id: '$path'");
}
ok(-d "$root/accounts/example.com/bob" && -e "$root/outgoing/envelope/$one", 'nothing else is gone');

for ([ '-j', '-n' ], [ '-n', '-r', $one ], ['-r'], [$one], [ '-j', $one ], ['-x']) {
	my ($status, $output, $errors) = mailstore($root, '', 'queue', @$_);
	is("$status$output", '64', "queue @$_");
	like($errors, qr/^usage: mailstore .*^       mailstore \[-d root\] queue -r id \.\.\.$/ms, 'says how');
}
is((mailstore(new_root(), '', 'queue'))[0], 75, 'there is a mail root');
done_testing();
