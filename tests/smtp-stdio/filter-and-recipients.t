# -f: the verdict is for all recipients of a message, and what the filter has written goes
# wherever the message would have gone: to several mailboxes, by forwards, to LMTP's
# recipients one by one, into reports.
use strict;
use warnings;
use lib 'tests/lib';
use Filter;
use MailTest;

my $footer = 'cat; echo "-- "; echo "seen by the filter"';
my $message = "Subject: for all\n\n.a dot\nThe text.\n";
my $with_footer = "${message}-- \nseen by the filter\n";
my $delivered = qr/^250 2\.0\.0 OK id=\S+$/;

sub forward {
	my ($root, $from, @to) = @_;
	my ($output, $status) = run('', [ program('mailstore'), '-d', $root, 'forward', $from, @to ]);
	die "mailstore forward: $status\n" if $status ne '0';
}

sub inode_of { return (stat $_[0])[1] }

# Several mailboxes: one file.
my $root = new_root(map { "$_\@example.com" } qw(ann bob carol));
my $reply = mail_through(root => $root, filter => new_filter($footer), message => $message,
    to => [ map { "<$_\@example.com>" } qw(ann bob carol ann nobody) ]);
like($reply, $delivered, 'three mailboxes: taken');
my @paths = map { messages($root, "$_\@example.com") } qw(ann bob carol);
is(scalar @paths, 3, 'each has it once'); ## smtp-stdio-filter
is_deeply([ map { inode_of($_) } @paths ], [ (inode_of($paths[0])) x 3 ], 'and it is one file'); ## smtp-stdio-store-b
is(without_trace(contents($paths[0])), $with_footer, 'what the filter has written'); ## smtp-stdio-filter
ok(has_true_sizes($paths[0]), 'with true sizes'); ## smtp-stdio-store-a
my ($id) = $reply =~ / id=(\S+)/;
like($paths[0], qr{/\d+\.\Q$id\E\.}, "and the message's id"); ## smtp-stdio-filter

# By BDAT, wherever the chunks are cut.
for my $chunk (1, 10, 1000) {
	$root = new_root('bob@example.com');
	like(scalar mail_through(root => $root, filter => new_filter($footer), message => $message, chunk => $chunk,
	    to => ['<bob@example.com>']), $delivered, "BDAT in chunks of $chunk: taken"); ## smtp-stdio-filter
	is(without_trace(contents((messages($root, 'bob@example.com'))[0])), $with_footer, 'and replaced'); ## smtp-stdio-filter
	like(scalar mail_through(root => $root, filter => new_filter('echo no >&2; exit 65'), message => $message, chunk => $chunk,
	    to => ['<bob@example.com>']), qr/^550 5\.7\.1 no$/, 'or refused'); ## smtp-stdio-filter
}

# By LMTP: the verdict to each recipient.
for my $case ([ 'exit 0 # good', $delivered, 1 ], [ 'exit 99 # away', $delivered, 0 ], [ 'echo no >&2; exit 65', qr/^550 5\.7\.1 no$/, 0 ],
    [ 'exit 75 # later', qr/^451 4\.3\.0 /, 0 ], [ $footer, $delivered, 1 ]) {
	my ($script, $expected, $count) = @$case;
	$root = new_root('ann@example.com', 'bob@example.com');
	for my $chunk (undef, 16) {
		my $name = 'LMTP' . ($chunk ? ', BDAT' : '') . ": $script";
		my @replies = mail_through(root => $root, filter => new_filter($script), flags => ['-l'], message => $message,
		    to => [ '<ann@example.com>', '<bob@example.com>', '<bob+x@example.com>' ], chunk => $chunk);
		is(scalar @replies, 3, "$name: three recipients, three replies"); ## lmtp-2033-4.2-a
		like($_, $expected, "$name: the verdict") for @replies; ## smtp-stdio-filter
	}
	for ('ann@example.com', 'bob@example.com') {
		@paths = messages($root, $_);
		is(scalar @paths, 2 * $count, "$_ has got what was delivered, once"); ## smtp-stdio-filter
		is(without_trace(contents($paths[0])), $script eq $footer ? $with_footer : $message, 'as the filter wants it') if $count;
	}
	is_deeply([ left_over($root) ], [], 'nothing is left over'); ## smtp-stdio-store-c
}

# By forwards: the copies are copies of what the filter has written.
$root = new_root(map { "$_\@example.com" } qw(all ann bob list team));
forward($root, 'all@example.com', 'list@example.com', 'ann@example.com');
forward($root, 'list@example.com', 'bob@example.com');
forward($root, 'team@example.com', 'team@example.com', 'ann@example.com');
like(scalar mail_through(root => $root, filter => new_filter($footer), message => $message, to => ['<all@example.com>']), $delivered,
    'a forward: taken');
my ($ann) = messages($root, 'ann@example.com');
my ($bob) = messages($root, 'bob@example.com');
like(contents($ann), qr/\AReturn-Path: [^\n]*\nDelivered-To: all\@example\.com\nReceived: /, 'Delivered-To is in the copy'); ## smtp-stdio-filter smtp-stdio-forward
like(contents($bob), qr/\AReturn-Path: [^\n]*\n(?:Delivered-To: (?:list|all)\@example\.com\n){2}Received: /, 'for each forward on the way'); ## smtp-stdio-filter smtp-stdio-forward
is(without_trace(contents($_)), $with_footer, 'the text is what the filter has written') for $ann, $bob; ## smtp-stdio-filter
ok(has_true_sizes($_), 'the sizes are true') for $ann, $bob; ## smtp-stdio-store-a
like(scalar mail_through(root => $root, filter => new_filter('printf "no header at all"'), to => ['<all@example.com>']), $delivered,
    'a text without a header: taken');
$ann = (messages($root, 'ann@example.com'))[1];
is(contents($ann), "Delivered-To: all\@example.com\nno header at all", 'Delivered-To is before it'); ## smtp-stdio-forward
ok(has_true_sizes($ann), 'the sizes are true'); ## smtp-stdio-store-a
like(scalar mail_through(root => $root, filter => new_filter('echo no >&2; exit 67'), to => ['<all@example.com>']), qr/^550 5\.7\.1 no$/,
    'a forward of what is refused'); ## smtp-stdio-filter
is(scalar(messages($root, $_)), 2, "goes nowhere: $_") for 'ann@example.com', 'bob@example.com'; ## smtp-stdio-filter
like(scalar mail_through(root => $root, filter => new_filter($footer), message => "Delivered-To: all\@example.com\n$message",
    to => ['<all@example.com>']), qr/^554 5\.4\.6 /, 'a loop is found whatever the filter writes'); ## smtp-stdio-forward
like(scalar mail_through(root => $root, filter => new_filter('sed /^Delivered-To/d'), message => "Delivered-To: team\@example.com\n$message",
    to => [ '<team@example.com>', '<bob@example.com>' ]), $delivered, 'and where it takes the mark of it away');
is(scalar(messages($root, 'team@example.com')), 1, 'the message stays in the own mailbox'); ## smtp-stdio-forward
is(scalar(messages($root, 'ann@example.com')), 2, 'and goes no further'); ## smtp-stdio-forward
is_deeply([ left_over($root) ], [], 'nothing is left over'); ## smtp-stdio-store-c

# Quotas: what counts is what would be stored.
for my $case ([ 'bigger', 'cat; head -c 3000 /dev/zero | tr "\000" x', 100, qr/^452 4\.2\.2 /, 0 ],
    [ 'smaller', 'echo x', 3000, $delivered, 1 ], [ 'as it is', 'exit 0 # good', 3000, qr/^452 4\.2\.2 /, 0 ]) {
	my ($name, $script, $octets, $expected, $count) = @$case;
	$root = new_root('ann@example.com', 'bob@example.com');
	run('', [ program('mailstore'), '-d', $root, 'quota', 'bob@example.com', '2k' ]);
	for my $flags ([], ['-l']) {
		my ($said) = mail_through(root => $root, filter => new_filter($script), flags => $flags,
		    message => "Subject: x\n\n" . 'y' x $octets . "\n", to => ['<bob@example.com>']);
		like($said, $expected, "a quota, and the message is $name" . (@$flags ? ', by LMTP' : '')); ## smtp-stdio-quota-a
	}
	is(scalar(messages($root, 'bob@example.com')), 2 * $count, $count ? 'it is there' : 'it is not there'); ## smtp-stdio-quota-a
	is_deeply([ left_over($root) ], [], 'nothing is left over'); ## smtp-stdio-store-c
}

# postmaster and the catch-all go through it as everybody.
$root = new_root('bob@example.com', '*@example.com');
like(scalar mail_through(root => $root, filter => new_filter('echo no >&2; exit 65'), to => [$_]), qr/^550 5\.7\.1 no$/, "$_ is no exception") ## smtp-stdio-filter
    for '<postmaster>', '<postmaster@example.com>', '<any@example.com>';
like(scalar mail_through(root => $root, filter => new_filter($footer), message => $message, to => ['<postmaster>']), $delivered, 'what is good reaches postmaster');
is(without_trace(contents((messages($root, 'postmaster@example.com'))[0])), $with_footer, 'as the filter wants it'); ## smtp-stdio-filter
$root = new_root('bob@example.com');
like(scalar mail_through(root => $root, filter => new_filter($footer), flags => ['-c'], message => $message, to => ['<new@example.com>']), $delivered, 'so does a new account');
is(without_trace(contents((messages($root, 'new@example.com'))[0])), $with_footer, 'its first message'); ## smtp-stdio-filter

# Reports: only about what was delivered, and with what the filter has written.
$root = new_root('ann@example.com', [ 'eve@example.com', 'secret' ]);
my @login = (flags => [ '-a', '-b', '-p' ], first => ['AUTH PLAIN AGV2ZUBleGFtcGxlLmNvbQBzZWNyZXQ='], from => '<eve@example.com> RET=FULL',
    root => $root, message => $message);
my @to = (to => [ '<ann@example.com> NOTIFY=SUCCESS', '<nobody@example.com>' ]);
like(scalar mail_through(@login, @to, filter => new_filter($_)), qr/^(?:250|550|451) /, "$_: answered")
    for 'exit 65 # no', 'exit 99 # away', 'exit 75 # later';
is(scalar(messages($root, 'eve@example.com')), 0, 'no report of a message that is not delivered'); ## smtp-stdio-filter
like(scalar mail_through(@login, @to, filter => new_filter($footer)), $delivered, 'with a footer: taken');
my @reports = messages($root, 'eve@example.com');
is(scalar @reports, 1, 'one report');
my $report = contents($reports[0]);
ok(has_true_sizes($reports[0]), 'with true sizes'); ## smtp-stdio-store-a
like($report, qr/^Content-Type: message\/rfc822\n.*^Subject: for all\n.*^\.a dot\nThe text\.\n-- \nseen by the filter\n/ms,
    'has the text as the filter has written it'); ## smtp-stdio-filter
unlike($report, qr/^Return-Path: .*^Return-Path: /ms, 'and the trace lines of the report alone'); ## smtp-5321-4.4-e
is(scalar(messages($root, 'ann@example.com')), 1, 'the message is delivered');

done_testing;
