# What a client calls itself, its addresses and its parameters stand in the fields that are put
# on top of a message, and in reports.  Whatever they hold, there are these fields only, each
# once, and the message below is the one that was sent.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use MIME::Base64 qw(encode_base64);

my @hostile = ("x\r\nX-Evil: 1", "x\nX-Evil: 1", "x\rX-Evil: 1", "x\n\nevil", "x\r\n\r\nevil", "x\x0bX-Evil: 1", "x\x0cX-Evil: 1", "x\0X-Evil: 1", "x\xc2\x85X-Evil: 1", "x\xe2\x80\xa8X-Evil: 1",
	"x\x1b[2J", 'x)(y', 'x) by evil.example with ESMTPS id 1; Thu, 1 Jan 1970 00:00:00 +0000', '(((((', ')))))', '\\', 'x\\', '"', 'x" <evil@evil.example>', '<>', '>', 'x> SIZE=1', 'x;y', 'x,y',
	'[192.0.2.1]) (evil', "x\tX-Evil:\t1", '=?utf-8?q?=0aX-Evil:_1?=', '%0d%0aX-Evil:%201', '$(touch evil)', '`touch evil`', 'x' x 250, '(' x 250, "\xff\xfe", "\xed\xa0\x80", '+0D+0AX-Evil:+201', '\x{D}\x{A}X-Evil:');
my $mark = "Subject: the message\r\n\r\ntext\r\n";
my $end = "DATA\r\n$mark.\r\nRSET\r\n";
sub quoted { return '"' . $_[0] =~ s/([\\"])/\\$1/gr . '"' }
sub escaped { return '"' . $_[0] =~ s/(.)/\\$1/gsr . '"' }
sub xtext { return $_[0] =~ s/([^!-*,-<>-~])/sprintf '+%02X', ord $1/ger }
my $mail = 'MAIL FROM:<a@example.org>';
my $bob = 'RCPT TO:<bob@example.com>';

my %places = (
	'HELO' => sub { "HELO $_[0]\r\n$mail\r\n$bob\r\n$end" },
	'EHLO' => sub { "EHLO $_[0]\r\n$mail\r\n$bob\r\n$end" },
	'MAIL' => sub { my $text = shift; "EHLO x\r\n" . join '', map { "MAIL FROM:<$_\@example.org>\r\n$bob\r\n$end" } $text, quoted($text), escaped($text) },
	'MAIL without brackets' => sub { "EHLO x\r\nMAIL FROM:$_[0]\@example.org\r\n$bob\r\n$end" },
	'a domain' => sub { "EHLO x\r\nMAIL FROM:<a\@$_[0]>\r\n$bob\r\n${end}MAIL FROM:<a\@[$_[0]]>\r\n$bob\r\n${end}MAIL FROM:<a\@[IPv6:$_[0]]>\r\n$bob\r\n${end}MAIL FROM:<a\@[x:$_[0]]>\r\n$bob\r\n$end" },
	'a source route' => sub { "EHLO x\r\nMAIL FROM:<\@$_[0]:a\@example.org>\r\n$bob\r\n$end" },
	'MAIL with SMTPUTF8' => sub { my $text = shift; "EHLO x\r\n" . join '', map { "MAIL FROM:<$_\@example.org> SMTPUTF8\r\n$bob\r\n$end" } $text, quoted($text), escaped($text) },
	'RCPT' => sub { my $text = shift; "EHLO x\r\n" . join '', map { "$mail SMTPUTF8\r\nRCPT TO:<$_\@example.com>\r\n$end" } $text, quoted($text), escaped($text), quoted("bob+$text") },
	'parameters' => sub { "EHLO x\r\n$mail ENVID=$_[0] RET=FULL\r\n$bob\r\n${end}$mail AUTH=$_[0]\r\n$bob\r\n${end}$mail\r\n$bob ORCPT=rfc822;$_[0]\r\n$end" },
	'a report' => sub { my $text = shift; "EHLO $text\r\n" . join '', map { ("MAIL FROM:<bob\@example.com> RET=$_ ENVID=" . xtext($text) . "\r\n$bob NOTIFY=SUCCESS ORCPT=rfc822;" . xtext($text) . "\r\n$end",
		"MAIL FROM:<bob\@example.com> SMTPUTF8 RET=$_\r\nRCPT TO:<" . quoted("bob+$text") . "\@example.com> NOTIFY=SUCCESS ORCPT=utf-8;$text\r\n$end") } 'FULL', 'HDRS' },
	'a forward' => sub { my $text = shift; "EHLO x\r\n" . join '', map { "$mail SMTPUTF8\r\nRCPT TO:<$_\@example.com>\r\n$end" } quoted("list+$text"), escaped("list+$text") },
	'a peer' => sub { "EHLO x\r\n$mail\r\n$bob\r\n$end" },
);

# What may stand above a message
my $above = qr/\A((?:(?:Return-Path|Delivered-To|Received): [^\n]*\n(?:\t[^\n]*\n)*)+)Subject: the message\n\ntext\n\z/;

for my $place (sort keys %places) {
	my $root = new_root([ 'bob@example.com', 'secret' ], 'list@example.com');
	run('', [ program('mailstore'), '-d', $root, 'forward', 'list@example.com', 'bob@example.com', 'list@example.com' ]);
	my ($good, @wrong) = (0);
	# The environment needs a process for each
	for my $texts ($place eq 'a peer' ? map { [ $_ ] } @hostile : [ @hostile ]) {
		my ($output, $status) = run(join('', map { $places{$place}->($_) } @$texts), [ program('smtp-stdio'), '-h', 'mail.example.com', '-c', '-e', 100_000, '-d', $root ],
		    environment => { $place eq 'a peer' ? map { $_ => $texts->[0] =~ s/\0//gr } qw(TCPREMOTEIP TCPREMOTEPORT REMOTE_ADDR REMOTE_HOST PROTO) : () });
		push @wrong, visible($texts->[0]) . ": exit status $status" if $status ne '0';
		push @wrong, 'a reply: ' . visible($1) if $output =~ /^(.*[^\x20-\x7e\r\n].*|X-Evil.*|evil.*)$/m;
	}
	my @paths = map { glob "'$_'/*" } glob "$root/mail/example.com/*/new";
	my ($messages, $reports) = (0, 0);
	for my $path (@paths) {
		my $text = contents($path);
		if ($text =~ /^Auto-Submitted: auto-replied$/m) {
			$reports++;
			push @wrong, 'a report: ' . visible($text) unless is_report($text);
			next;
		}
		$messages++;
		my ($fields) = $text =~ $above;
		my %count;
		$count{$_}++ for ($fields // '') =~ /^([A-Za-z-]+):/mg;
		push @wrong, visible($text) unless ($count{'Return-Path'} // 0) == 1 && ($count{Received} // 0) == 1 && ($count{'Delivered-To'} // 0) <= 1
		    && $fields =~ /^Received: from ([^\s()]+) \((unknown|\[[0-9a-fA-F.:IPv]+\])\)$/m && $fields !~ /[\x00-\x08\x0b-\x1f\x7f]/;
	}
	is(join("\n", @wrong), '', "$place: nothing but the fields that are to be there");
	cmp_ok($messages, '>', 9, "$place: in $messages messages that were taken") unless $place =~ /route|without/;
	cmp_ok($reports, '>', 20, "$place: and $reports reports") if $place eq 'a report';
}

# A report has its own fields, those of RFC 3464, and nothing that is said to be one of them.
sub is_report {
	my ($text) = @_;
	my ($header, $body) = split /\n\n/, $text, 2;
	my %own = map { $_ => 1 } qw(Return-Path Received From To Subject Date Message-ID Auto-Submitted MIME-Version Content-Type References In-Reply-To);
	return 0 if grep { !$own{$_} } $header =~ /^([^\s:]+):/mg;
	return 0 if $header =~ /^[^\s:]+$/m;
	my ($boundary) = $header =~ /boundary="?([^";\n]+)/ or return 0;
	my @parts = split /^--\Q$boundary\E(?:--)?\n/m, $body;
	return 0 if @parts != 4 && @parts != 5;
	my %status = map { $_ => 1 } qw(Content-Type Content-Transfer-Encoding Reporting-MTA Arrival-Date Original-Envelope-Id Original-Recipient Final-Recipient Action Status Diagnostic-Code Remote-MTA Received-From-MTA DSN-Gateway);
	my ($delivery) = grep { m{^Content-Type: message/(?:global-)?delivery-status}m } @parts or return 0;
	return 0 if grep { length && !(/^([^\s:]+): / && $status{$1}) } split /\n/, $delivery =~ s/\n[ \t]+/ /gr;
	return 0 if (() = $delivery =~ /^Action:/mg) != 1;
	return 1;
}

sub visible { return Program::visible(@_) }

done_testing;
