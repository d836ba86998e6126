# Reports about recipients beyond ASCII: in the status there is nothing but ASCII, with
# \x{HEX} for the rest, and what is returned is called what it is.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use MIME::Base64 qw(encode_base64);
use Report;

my $plain = "Subject: plain\r\n\r\ntext\r\n";
my $global = "From: señor <señor\@client.example>\r\nSubject: größer\r\n\r\ntext\r\n";
my $eight_bit = "Subject: plain\r\n\r\ngrößer\r\n";

# One message from eve, with -b, to these recipients (each with its parameters).  Returns
# the report that eve gets.
sub reported {
	my ($name, $mail, $message, @recipients) = @_;
	my $root = new_root([ 'eve@example.com', 'secret' ], 'björn@example.com', 'bob@example.com', '用户@例え.example');
	my $client = start('smtp-stdio', $root, [ '-h', 'mail.example.org', '-b', '-p', '-e', 100 ]);
	$client->reply;
	$client->ask($_) for 'EHLO client.example', 'AUTH PLAIN ' . encode_base64("\0eve\@example.com\0secret", '');
	like($client->ask("MAIL FROM:<eve\@example.com>$mail"), qr/^250 /, "$name: MAIL");
	like($client->ask("RCPT TO:$_"), qr/^250 /, "$name: RCPT TO:$_") for @recipients;
	$client->ask('DATA');
	like($client->ask("$message."), qr/^250 /, "$name: the message");
	$client->ask('QUIT');
	my @paths = messages($root, 'eve@example.com');
	is(scalar @paths, 1, "$name: one report") or return;
	my $octets = contents($paths[0]);
	my $report = eval { parse_report($octets) };
	ok($report, "$name: it can be read by the rules of MIME") or diag $@;
	return unless $report;
	Report::is_sound_mime($name, $report);
	is($report->{parts}[1]{type}, 'message/delivery-status', "$name: the status is a status of ASCII"); ## smtp-6533-4
	my ($disk, $wire) = $paths[0] =~ /,S=(\d+),W=(\d+)\z/;
	is("$disk $wire", join(' ', length $octets, length crlf($octets)), "$name: sizes"); ## smtp-stdio-store-a
	$report->{returned_encoding} = lc($report->{parts}[2]{fields}{'content-transfer-encoding'} || '7bit');
	return $report;
}

# What a report says of the n-th recipient.
sub said {
	my ($report, $number) = @_;
	return map { defined $_ ? $_ =~ s/\A([^;]*); /$1;/r : '' } @{$report->{recipients}[$number]}{qw(final-recipient original-recipient action status)};
}

# A delivery that somebody wants to know of.
my $report = reported('delivered', ' SMTPUTF8', $plain, '<björn@example.com> NOTIFY=SUCCESS', '<用户@例え.example> NOTIFY=SUCCESS', '<bob@example.com> NOTIFY=SUCCESS');
is_deeply([ said($report, 0) ], [ 'utf-8;bj\x{F6}rn@example.com', '', 'delivered', '2.1.5' ], 'a name of two octets'); ## smtp-6533-4 smtp-3464-2
is_deeply([ said($report, 1) ], [ 'utf-8;\x{7528}\x{6237}@\x{4F8B}\x{3048}.example', '', 'delivered', '2.1.5' ], 'a name of three octets, and a domain'); ## smtp-6533-4
is_deeply([ said($report, 2) ], [ 'rfc822;bob@example.com', '', 'delivered', '2.1.5' ], 'a name of ASCII stays one'); ## smtp-6533-4 smtp-3464-2

# A failure.
$report = reported('failed', ' SMTPUTF8', $plain, '<nobödy@example.com>', '<😀@example.com>', '<"a ö"@example.com>', '<bob@example.com>');
is_deeply([ said($report, 0) ], [ 'utf-8;nob\x{F6}dy@example.com', '', 'failed', '5.1.1' ], 'nobody of that name'); ## smtp-6533-4 smtp-3461-5.2-b
is_deeply([ said($report, 1) ], [ 'utf-8;\x{1F600}@example.com', '', 'failed', '5.1.1' ], 'a name of four octets'); ## smtp-6533-4
like($report->{content}, qr/\ASubject: plain\n\ntext\n/, 'with the message');
is($report->{returned}, 'message/rfc822', 'which is one of ASCII'); ## smtp-6533-4

# What means something in \x{HEX}, or stands for a blank, is written with it too.
is((said($report, 2))[0], 'utf-8;"a\x{20}\x{F6}"@example.com', 'a blank is none of RFC 6533\'s characters'); ## smtp-6533-4
$report = reported('escaped', ' SMTPUTF8', $plain, '<nobödy+a=b@example.com>', '<"ö\\\\x{41}"@example.com>', '<nobody+a=b@example.com>');
is((said($report, 0))[0], 'utf-8;nob\x{F6}dy\x{2B}a\x{3D}b@example.com', 'nor are plus and equals'); ## smtp-6533-4
is((said($report, 1))[0], 'utf-8;"\x{F6}\x{5C}\x{5C}x{41}"@example.com', 'nor is the backslash'); ## smtp-6533-4
is((said($report, 2))[0], 'rfc822;nobody+a=b@example.com', 'in a name of ASCII they are themselves');

# The original recipient, as it was given.
$report = reported('original', ' SMTPUTF8', $plain,
    '<nobody@example.com> ORCPT=utf-8;björn@bücher.example', '<no-one@example.com> ORCPT=utf-8;a\x{F6}b\x{2B}c@example.com',
    '<nobödy@example.com> ORCPT=rfc822;a+2Bb@example.com', '<null@example.com> ORCPT=utf-8;plain@example.com');
is((said($report, 0))[1], 'utf-8;bj\x{F6}rn@b\x{FC}cher.example', 'raw UTF-8 becomes ASCII'); ## smtp-6533-4 smtp-6533-3 smtp-3464-2
is((said($report, 1))[1], 'utf-8;a\x{F6}b\x{2B}c@example.com', 'ASCII stays as it came'); ## smtp-6533-4 smtp-6533-3
is((said($report, 2))[1], 'rfc822;a+b@example.com', 'xtext is decoded'); ## smtp-3464-2
is((said($report, 3))[1], 'utf-8;plain@example.com', 'and the type stays'); ## smtp-6533-3 smtp-3464-2
$report = reported('original without SMTPUTF8', '', $plain, '<nobody@example.com> ORCPT=utf-8;bj\x{F6}rn@example.com');
is_deeply([ said($report, 0) ], [ 'rfc822;nobody@example.com', 'utf-8;bj\x{F6}rn@example.com', 'failed', '5.1.1' ], 'also without SMTPUTF8'); ## smtp-6533-3

# What comes back.
for my $case ([ 'a header in UTF-8', $global, '', 'message/global', '8bit' ], [ 'a header in UTF-8', $global, ' RET=HDRS', 'message/global-headers', '8bit' ],
    [ 'eight bits in the text', $eight_bit, '', 'message/rfc822', '8bit' ], [ 'eight bits in the text', $eight_bit, ' RET=HDRS', 'text/rfc822-headers', '7bit' ]) {
	my ($name, $message, $ret, $type, $encoding) = @$case;
	for my $utf8 ('', ' SMTPUTF8') {
		$report = reported("$name$ret$utf8", "$ret$utf8", $message, '<nobody@example.com>') or next;
		is($report->{returned}, $type, "$name$ret$utf8: $type"); ## smtp-6533-4 smtp-3464-2.1
		is($report->{returned_encoding}, $encoding, "$name$ret$utf8: $encoding"); ## smtp-6533-4
		my $text = $message =~ s/\r\n/\n/gr;
		$text =~ s/\n\n.*/\n/s if $ret;
		like($report->{content}, qr/\A\Q$text\E\n?\z/, "$name$ret$utf8: as it was"); ## smtp-3464-2.1
	}
}

# A sender beyond ASCII gets the report as well.
my $root = new_root('björn@bücher.example', 'bob@example.com');
my ($output) = run(join('', map { "$_\r\n" } 'EHLO client.example', 'MAIL FROM:<björn@bücher.example> SMTPUTF8 ENVID=x+2By', 'RCPT TO:<bob@example.com> NOTIFY=SUCCESS',
    'BDAT 6 LAST', 'text', 'QUIT'), [ program('smtp-stdio'), '-d', $root, '-h', 'mail.example.org' ]);
my ($path) = messages($root, 'björn@bücher.example');
ok($path, 'a sender beyond ASCII is told') or BAIL_OUT($output); ## smtp-3461-5.2-a
$report = eval { parse_report(contents($path)) };
ok($report, 'in a report that can be read') or diag $@; ## smtp-3464-2
like($report->{fields}{to}, qr/<björn\@bücher\.example>/, 'To: names it'); ## smtp-3461-6.2
is($report->{message}{'original-envelope-id'}, 'x+y', 'and the envelope by its name');
unlike($report->{parts}[1]{content}, qr/[^\n\t\x20-\x7e]/, 'the status is ASCII'); ## smtp-6533-4
done_testing;
