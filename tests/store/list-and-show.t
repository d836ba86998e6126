#!/usr/bin/perl
# mailstore list and show: domains, accounts with messages and octets, messages with their
# unique-ids; as text for people and as JSON lines for programs.
use strict;
use warnings;
use lib 'tests/lib';
use JSON::PP;
use MailRoot qw(remove_directory);
use StoreTest;
use Test::More;

my $root = new_root();
my ($bob, $ann) = ('bob@example.com', 'ann@example.com');
my %text = (
	'1700000001.one.host' => "Subject: one\n\nfirst\n",
	'1700000002.two.host' => "Subject: two\n\n.dot\n..\nend\n",
	'1700000003.three.host' => "Subject: three\r\n\r\ncrlf\r\nand no end",
);
add($root, $bob, 'secret');
add($root, $ann, undef);
add($root, 'zoe@example.net', undef);
add($root, 'jürgen@example.net', undef);
put($root, 'mail/example.com/bob/new/1700000001.one.host,S=20,W=23', $text{'1700000001.one.host'});
put($root, 'mail/example.com/bob/cur/1700000002.two.host,S=26,W=31:2,FS', $text{'1700000002.two.host'});
put($root, 'mail/example.com/bob/cur/1700000003.three.host:2,', $text{'1700000003.three.host'});
put($root, 'mail/example.com/bob/new/.hidden', 'no message');
my @before = entries($root);

# The lines of a list, as text and as objects.
sub list {
	my (@what) = @_;
	my ($status, $output, $errors) = mailstore($root, '', 'list', @what);
	is($status, 0, "list @what") or diag $errors;
	my ($json_status, $json) = mailstore($root, '', 'list', '-j', @what);
	is($json_status, 0, "list -j @what");
	my @objects = map { eval { decode_json($_) } } split /\n/, $json;
	is(scalar(grep { ref $_ eq 'HASH' } @objects), scalar(() = $json =~ /\n/g), 'each line is a JSON object');
	like($json, qr/\A\{.*\}\n\z/s, 'and ends in LF');
	my @lines = split /\n/, $output;
	is(scalar @lines, scalar @objects, 'as many as there are lines of text');
	return (\@lines, \@objects);
}

# Whether an object has a value, whatever the name of the field.
sub has {
	my ($object, $value) = @_;
	return scalar grep { !ref $_ && $_ eq $value } values %$object;
}

my ($lines, $objects) = list();
is_deeply([ map { (split)[0] } @$lines ], [ 'example.com', 'example.net' ], 'domains, in order');
ok(has($objects->[0], 'example.com') && has($objects->[1], 'example.net'), 'as objects too');

($lines, $objects) = list('example.com');
is(scalar @$lines, 2, 'the accounts of a domain');
like($lines->[0], qr/^\Q$ann\E\b.*\b0\b.*\b0\b/, 'one without mail');
like($lines->[1], qr/^\Q$bob\E\b.*\b3\b/, 'one with three messages');
ok(has($objects->[1], $bob) && has($objects->[1], 3), 'as objects too');
my $octets = 23 + 31 + length("Subject: three\r\n\r\ncrlf\r\nand no end\r\n");
like($lines->[1], qr/\b$octets\b/, 'and their octets');
ok(has($objects->[1], $octets), 'as objects too');

($lines, $objects) = list($bob);
is_deeply([ map { (split)[0] } @$lines ], [ sort keys %text ], 'the messages of an account, unique-id first');
like($lines->[0], qr/\b23\b/, 'with their octets');
like($lines->[1], qr/\b31\b/, 'of a name with flags too');
for my $number (0 .. 2) {
	ok(has($objects->[$number], (sort keys %text)[$number]), 'objects have the unique-id');
}
ok(has($objects->[0], 23) && has($objects->[1], 31), 'and the octets');
is_deeply([ map { (split)[2] } @$lines ], [ map { "2023-11-14T22:13:2${_}Z" } 1 .. 3 ], 'and when they came');
is_deeply([ map { $_->{new} ? 1 : 0 } @$objects ], [ 1, 0, 0 ], 'objects say which are new');
is_deeply([ map { $_->{time} } @$objects ], [ 1700000001 .. 1700000003 ], 'and when they came');
is(length $_, 47, 'one column below the other') for @$lines;
($lines, $objects) = list('BOB@EXAMPLE.com');
is(scalar @$lines, 3, 'names are looked up without case');

mailstore($root, '', 'quota', 'zoe@example.net', '1k');
mailstore($root, '', 'forward', 'zoe@example.net', $ann, 'zoe@example.org');
put($root, 'mail/example.net/zoe/cur/1700000004.x.host,S=1234567,W=1234567', 'not read');
($lines, $objects) = list('example.net');
is_deeply($lines, [ 'jürgen@example.net  0        0', 'zoe@example.net     1  1234567' ], 'columns are as wide as they have to be');
is_deeply($objects->[1], { address => 'zoe@example.net', messages => 1, octets => 1234567, quota => 1024,
    forward => [ $ann, 'zoe@example.org' ] }, 'what is set for an account is in its object');
unlink "$root/mail/example.net/zoe/cur/1700000004.x.host,S=1234567,W=1234567";
mailstore($root, '', $_, '-r', 'zoe@example.net') for 'quota', 'forward';
ok(has($objects->[0], "j\x{fc}rgen\@example.net"), 'names beyond ASCII are UTF-8 in JSON');

add($root, $_, undef) for 'b@example.info', "\xc3\xa9\@example.info", 'z@example.info', '~@example.info', 'b.c@example.info', '*@example.info';
mkdir "$root/accounts/example.info/$_" or die "mkdir: $!\n" for 'Upper', "\xff", "esc\x1b[2J", '.dot';
($lines) = list('example.info');
is_deeply([ map { (split)[0] } @$lines ], [ map { "$_\@example.info" } '*', 'b', 'b.c', 'z', '~', "\xc3\xa9" ],
    'accounts are in octet order, and what can be none is left out');
remove_directory("$root/$_/example.info") for 'accounts', 'mail';

my ($status, $output) = mailstore($root, '', 'list', $ann);
is($status, 0, 'an account without mail');
is($output, '', 'has an empty list');

for my $uid (sort keys %text) {
	($status, $output) = mailstore($root, '', 'show', $bob, $uid);
	is($status, 0, "show $uid");
	same_octets($output, $text{$uid}, 'as it is on the disk');
}
is((mailstore($root, '', 'show', $bob, $_))[0], 66, "show '$_': no such message")
    for '1700000001.one', '1700000001.one.host,S=20,W=23', '../new/1700000001.one.host', '.hidden', '1', '', '../../../../etc/passwd';

# What would end a JSON text, or a terminal's patience, in a name.
my $odd = "1700000009.\"q\\uote\\.\x07\x1b[2J\xff.host";
put($root, "mail/example.com/ann/new/$odd", "Subject: odd\n\nx\n");
($lines, $objects) = list($ann);
is(scalar @$lines, 1, 'a message with an odd name is listed');
like($lines->[0], qr/^[\x21-\x7e]{1,70} [\x20-\x7e]*$/, 'by its unique-id, in printable ASCII');
my ($uid) = split ' ', $lines->[0];
ok(has($objects->[0], $uid), 'the same in JSON');
($status, $output) = mailstore($root, '', 'show', $ann, $uid);
is($output, "Subject: odd\n\nx\n", 'and can be shown by it');

# Listing is reading.
my @after = grep { !/q.uote/ } entries($root);
is_deeply(\@after, \@before, 'listing and showing change nothing');

rmdir "$root/mail/example.net/zoe/$_" for 'new', 'cur', 'tmp';
is((mailstore($root, '', @$_))[0], 0, "@$_ of a mailbox without its directories")
    for [ 'list', 'zoe@example.net' ], [ 'list', 'example.net' ];
is_deeply([ entries("$root/mail/example.net/zoe") ], [ 'pop3-lock' ], 'makes none');

remove_directory("$root/mail/example.net/zoe");
is(join(' ', (mailstore($root, '', @$_))[0, 1]), '0 ', "@$_ where there was no mail yet")
    for [ 'list', 'zoe@example.net' ], [ 'export', 'zoe@example.net' ];
ok(!-e "$root/mail/example.net/zoe", 'makes no mailbox');

put($root, 'mail/example.net/zoe/new/untimely', "Subject: x\n\nx\n");
like((mailstore($root, '', 'list', 'zoe@example.net'))[1], qr/^untimely +17 +-$/m, 'a name that tells no time');

# While a session has the mailbox.
my $client = logged_in($root, $bob, 'secret');
is((mailstore($root, '', 'list', $bob))[0], 0, 'a mailbox in use can be listed');
is((mailstore($root, '', 'show', $bob, '1700000001.one.host'))[0], 0, 'and shown');
ask($client, 'QUIT');
is($client->status, 0, 'and the session does not mind');
done_testing();
