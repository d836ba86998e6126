# What a report says of whom: for any mixture of recipients, with odd names, and with many.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use MIME::Base64 qw(encode_base64);
use Report;

my $host = 'mail.example.org';

# A session of somebody who has logged in; with a mailbox of their own, and of bob and ann.
sub session_of {
	my ($user, @flags) = @_;
	my $root = new_root([ $user, 'secret' ], 'ann@example.com', 'bob@example.com', 'postmaster@example.com');
	my $client = start('smtp-stdio', $root, [ '-h', $host, '-b', '-p', '-e', 100, @flags ]);
	$client->reply;
	$client->ask('EHLO client.example');
	like($client->ask('AUTH PLAIN ' . encode_base64("\0$user\0secret", '')), qr/^235 /, "$user logs in");
	return ($client, $root);
}

# Sends a message to recipients, each with its parameters; "reply" is what the last command
# of it is answered.
sub sends {
	my ($client, $mail, $message, @recipients) = @_;
	like($client->ask("MAIL FROM:$mail"), qr/^250 2\.1\.0 /, "MAIL FROM:$mail");
	for (@recipients) {
		like($client->ask("RCPT TO:$_"), qr/^250 2\.1\.5 /, 'RCPT TO:' . (length > 200 ? length . ' octets' : $_));
	}
	$client->ask('DATA');
	like($client->ask(dot_stuffed(crlf($message)) . '.'), qr/^250 2\.0\.0 OK id=/, 'the message');
}

my $message = "From: Eve <eve\@example.com>\nSubject: report me\n\ntext of it\n";
my %is = (to => 'eve@example.com', domain => 'example.com', host => $host);

# One transaction to a fresh mail root.  Returns the paths of what came into eve's mailbox.
sub sent {
	my ($parameters, @recipients) = @_;
	my ($client, $root) = session_of('eve@example.com');
	sends($client, "<eve\@example.com>$parameters", $message, @recipients);
	$client->ask('QUIT');
	is(scalar(messages($root, 'bob@example.com')), scalar(grep { /<bob[@+]/ } @recipients) ? 1 : 0, 'bob has what is his');
	return ($root, messages($root, 'eve@example.com'));
}

subtest 'failures and successes are one report' => sub {
	my ($root, @paths) = sent(' ENVID=mixed', '<nobody@example.com> NOTIFY=FAILURE', '<bob@example.com> NOTIFY=SUCCESS,FAILURE',
	    '<ann@example.com>', '<never@example.com> NOTIFY=NEVER', '<wrong@example.com> ORCPT=rfc822;right@example.com');
	is(scalar @paths, 1, 'one report') or return;
	my $report = is_report('mixed', %is, path => $paths[0], envid => 'mixed', returned => 'full', recipients => [
		[ 'failed', 'nobody@example.com' ], [ 'delivered', 'bob@example.com' ],
		[ 'failed', 'wrong@example.com', 'rfc822;right@example.com' ] ]) or return;
	is($report->{content}, $message, 'with the message');
	unlike($report->{octets}, qr/ann\@|never\@/, 'and of nobody else');
};

subtest 'failures alone' => sub {
	my ($root, @paths) = sent(' RET=HDRS', '<nobody@example.com>', '<bob@example.com>');
	is(scalar @paths, 1, 'one report') or return;
	my $report = is_report('failures', %is, path => $paths[0], returned => 'header', recipients => [[ 'failed', 'nobody@example.com' ]])
	    or return;
	like($report->{content}, qr/\AFrom: Eve <eve\@example\.com>\nSubject: report me\n*\z/, 'with the header');
};

subtest 'successes alone return the header, whatever RET says' => sub {
	for my $ret ('', ' RET=FULL', ' RET=HDRS') {
		my ($root, @paths) = sent($ret, '<bob@example.com> NOTIFY=SUCCESS ORCPT=rfc822;first@example.net', '<never@example.com> NOTIFY=NEVER',
		    '<Ann@Example.com> NOTIFY=SUCCESS');
		is(scalar @paths, 1, 'one report') or next;
		my $report = is_report("successes$ret", %is, path => $paths[0], returned => 'header', recipients => [
			[ 'delivered', 'bob@example.com', 'rfc822;first@example.net' ], [ 'delivered', 'ann@example.com' ] ]) or next;
		unlike($report->{octets}, qr/text of it/, 'not the text');  ## smtp-3464-2.1
	}
};

subtest 'nobody wants to know' => sub {
	my ($root, @paths) = sent('', '<nobody@example.com> NOTIFY=NEVER', '<no-one@example.com> NOTIFY=SUCCESS,DELAY', '<bob@example.com>');
	is(scalar @paths, 0, 'no report');  ## smtp-3461-5.2-b
};

subtest 'names with characters that mean something' => sub {
	my @recipients = ('"no body"@example.com', '"a\"b\\\\c"@example.com', '"<>"@example.com', q(!#$%&'*+-=?^_`{|}~@example.com),
	    '"a,b;c:d"@example.com', '--@example.com', 'x' x 64 . '@example.com');
	my ($root, @paths) = sent('', map { "<$_>" } @recipients);
	is(scalar @paths, 1, 'one report') or return;
	is_report('odd names', %is, path => $paths[0], returned => 'full', recipients => [ map { [ 'failed', $_ ] } @recipients ]);
};

subtest 'original recipients are decoded, and cannot break out' => sub {
	my %original = ('rfc822;a+2Bb+3Dc@example.com' => 'rfc822;a+b=c@example.com', 'x-other;+22q+20q+22' => 'x-other;"q q"',
	    'RFC822;<x>' => 'RFC822;<x>', 'utf-8;b\x{FC}b@example.com' => 'utf-8;b\x{FC}b@example.com',
	    'rfc822;' . 'x' x 487 => 'rfc822;' . 'x' x 487);
	my $number = 0;
	my @originals = map { [ 'r' . $number++ . '@example.com', $_, $original{$_} ] } sort keys %original;
	my ($root, @paths) = sent(' ENVID=a+2Bb+20c+3D', map { "<$_->[0]> ORCPT=$_->[1]" } @originals);
	is(scalar @paths, 1, 'one report') or return;
	is_report('originals', %is, path => $paths[0], returned => 'full', envid => 'a+b c=',
	    recipients => [ map { [ 'failed', $_->[0], $_->[2] ] } @originals ]);  ## smtp-6533-4 smtp-3464-2
};

subtest 'an original recipient beyond ASCII does not get into a report of ASCII' => sub {
	my ($client, $root) = session_of('eve@example.com');
	$client->ask('MAIL FROM:<eve@example.com>');
	for my $original ('rfc822;b+FCb@example.com', 'rfc822;+C3+BC@example.com', 'utf-8;+C3+BC@example.com') {
		my $reply = $client->ask("RCPT TO:<nobody\@example.com> ORCPT=$original");
		like($reply, qr/^501 5\.5\.4 /, "ORCPT=$original");     ## smtp-6533-4 smtp-3461-4.2-a
	}
};

subtest 'Postmaster, and names that lead to another mailbox' => sub {
	my ($root, @paths) = sent('', '<Postmaster> NOTIFY=SUCCESS', '<bob+list@example.com> NOTIFY=SUCCESS', '<nobody@example.com>');
	is(scalar @paths, 1, 'one report') or return;
	my $report = eval { parse_report(contents($paths[0])) };
	ok($report, 'that can be read') or diag $@;
	my @final = sort map { $_->{'final-recipient'} } @{$report->{recipients}};
	like($final[0], qr/^rfc822; ?postmaster(?:\@example\.com)?$/i, 'Postmaster');
	like("@final", qr/rfc822; ?bob\+list\@example\.com/, 'the name as it was given');
};

subtest 'a thousand at once' => sub {
	my ($root, @paths) = sent('', '<bob@example.com>', map { "<nobody$_\@example.com>" } 1 .. 999);
	is(scalar @paths, 1, 'one report') or return;
	my $report = eval { parse_report(contents($paths[0])) };
	ok($report, 'that can be read') or diag $@;
	is(scalar @{$report->{recipients}}, 999, 'of all of them');
};

subtest 'odd names of the sender' => sub {
	for my $case ([ 'a b@example.com', '"a b"@example.com' ], [ q(o'x@example.com), q(o'x@example.com) ],
	    [ 'x' x 64 . '@example.com', 'x' x 64 . '@example.com' ], [ 'a"b@example.com', '"a\"b"@example.com' ]) {
		my ($user, $path) = @$case;
		my ($client, $root) = session_of($user);
		sends($client, "<$path>", $message, '<nobody@example.com>');
		my @paths = messages($root, $user);
		is(scalar @paths, 1, 'one report') or next;
		is_report($path, %is, to => $path, path => $paths[0], returned => 'full', recipients => [[ 'failed', 'nobody@example.com' ]]);
	}
	# A source route is read and forgotten.
	my ($client, $root) = session_of('eve@example.com');
	sends($client, '<@relay.example:eve@example.com>', $message, '<@relay.example:nobody@example.com>');
	my @paths = messages($root, 'eve@example.com');
	is(scalar @paths, 1, 'one report');
	is_report('a source route', %is, path => $paths[0], returned => 'full', recipients => [[ 'failed', 'nobody@example.com' ]])
	    if @paths;
};

subtest 'with submission, what was added to the header comes back too' => sub {
	my ($client, $root) = session_of('eve@example.com', '-a');
	for my $ret ('FULL', 'HDRS') {
		sends($client, "<eve\@example.com> RET=$ret", $message, '<nobody@example.com>');
	}
	my @paths = messages($root, 'eve@example.com');
	is(scalar @paths, 2, 'two reports') or return;
	for (@paths) {
		my $report = eval { parse_report(contents($_)) } or fail($@), next;
		like($report->{content}, qr/^Subject: report me\nDate: [^\n]+\nMessage-ID: <[^\n]+>(?:\n|\z)/m, $report->{returned});
		is_report('with -a', %is, path => $_, returned => $report->{returned} =~ /headers/ ? 'header' : 'full',
		    recipients => [[ 'failed', 'nobody@example.com' ]]);
	}
};

subtest 'to a report nobody is answered: it has the null sender' => sub {
	my ($client, $root) = session_of('eve@example.com');
	like($client->ask('MAIL FROM:<>'), qr/^250 /, 'MAIL FROM:<>');
	like($client->ask('RCPT TO:<nobody@example.com>'), qr/^550 5\.1\.1 /, 'an unknown mailbox is refused'); ## smtp-3461-5.2-b
	like($client->ask('RCPT TO:<bob@example.com> NOTIFY=SUCCESS'), qr/^250 /, 'a known one is not');
	$client->ask('DATA');
	like($client->ask("text\r\n."), qr/^250 /, 'the message');
	is(scalar(messages($root, $_)), $_ =~ /^bob/ ? 1 : 0, "$_ has no report") for 'eve@example.com', 'bob@example.com', 'postmaster@example.com';
};
done_testing;
