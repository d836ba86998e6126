# A submission service completes the header: Date and Message-ID go to its end where they
# are missing, whatever the header looks like, and not an octet of the rest changes.  The
# sizes in the file's name count what was added.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use SmtpAuth qw(plain);

my $bob = 'bob@example.com';
my $root = new_root([ $bob, 'secret' ]);
my $begin = "EHLO client.example\r\nAUTH PLAIN " . plain('', $bob, 'secret') . "\r\nMAIL FROM:<$bob>\r\nRCPT TO:<$bob>\r\nDATA\r\n";
my $date = qr/Date: (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [ 1-3]?\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d [-+]\d{4}\n/;
my $id = qr/Message-ID: <[A-Za-z0-9!#\$%&'*+\/=?^_`{|}~.-]+\@mail\.example\.org>\n/;

# Sends a message, with LF line ends here, and returns the path of what is stored; dies
# where it is not taken.
sub submit {
	my ($message, $piece, @flags) = @_;
	my $client = start('smtp-stdio', $root, [ '-h', 'mail.example.org', '-a', '-p', @flags ], wire => $piece ? 'records' : 'pipes', limit => 60);
	$client->send($begin . dot_stuffed(crlf($message)) . ".\r\nQUIT\r\n", $piece);
	$client->close_input;
	my $output = $client->rest;
	$output =~ /^235 .*^354 [^\n]*\n250 2\.0\.0 [^\n]*\n221 /ms or die 'not taken: ' . Program::visible($output) . "\n";
	return (messages($root, $bob))[0];
}

# What is wrong with what became of a message; '' where nothing is.
sub fault {
	my ($message, $missing, $piece) = @_;
	my $path = eval { submit($message, $piece) } or return $@;
	my $stored = contents($path);
	unlink $path;
	my ($size, $wire) = $path =~ /,S=(\d+),W=(\d+)$/ or return "a name without sizes: $path";
	return "S=$size, but it has " . length $stored if $size != length $stored;
	return "W=$wire, but it has " . length crlf($stored) if $wire != length crlf($stored);
	(my $text = $stored) =~ s/\AReturn-Path: [^\n]*\nReceived: [^\n]*\n(?:\t[^\n]*\n)+// or return 'no trace: ' . Program::visible($stored);
	my ($header, $rest) = $message =~ /\A((?:[^\n]+\n)*)(.*)\z/s;
	return 'header or text changed: ' . Program::visible($text)
	    unless substr($text, 0, length $header) eq $header && substr($text, -length $rest || length $text) eq $rest;
	my $added = substr $text, length $header, length($text) - length($header) - length $rest;
	return 'added: ' . Program::visible($added) unless grep { $added =~ /\A$_\z/ } $missing eq 'both' ? (qr/$date$id/, qr/$id$date/)
	    : $missing eq 'Date' ? $date : $missing eq 'Message-ID' ? $id : qr//;
	return '';
}

my $there = "Date: Thu, 1 Jan 1970 00:00:00 +0000\nMessage-ID: <1\@client.example>\n";
my %messages = (
	'neither'                    => [ 'both', "From: bob\@example.com\n\ntext\n" ],
	'no Date'                    => [ 'Date', "Message-ID: <1\@client.example>\nFrom: bob\@example.com\n\ntext\n" ],
	'no Message-ID'              => [ 'Message-ID', "Date: Thu, 1 Jan 1970 00:00:00 +0000\nFrom: bob\@example.com\n\ntext\n" ],
	'both there'                 => [ '', "${there}From: bob\@example.com\n\ntext\n" ],
	'both at the end'            => [ '', "From: bob\@example.com\n$there\ntext\n" ],
	'in lower case'              => [ '', lc($there) . "\ntext\n" ],
	'in upper case'              => [ '', uc($there) . "\ntext\n" ],
	'a blank before the colon'   => [ '', $there =~ s/:/ \t:/rg =~ s/00 \t:/00:/rg . "\ntext\n" ],
	'nothing behind the colon'   => [ '', "Date:\nMessage-ID:\n\ntext\n" ],
	'in the text'                => [ 'both', "From: bob\@example.com\n\n${there}text\n" ],
	'on a folded line'           => [ 'both', "Subject: x\n Date: y\n\tMessage-ID: z\n\ntext\n" ],
	'names that begin so'        => [ 'both', "Dates: x\nMessage-IDs: y\nDate-Sent: z\nMessage-ID-Of: z\n\ntext\n" ],
	'names that end so'          => [ 'both', "X-Date: x\nX-Message-ID: y\nResent-Date: z\nResent-Message-ID: z\n\ntext\n" ],
	'names without a colon'      => [ 'both', "Subject: x\nDate\nMessage-ID\n\ntext\n" ],
	'folded values'              => [ '', "Date:\n Thu, 1 Jan 1970 00:00:00 +0000\nMessage-ID:\n\t<1\@client.example>\n\ntext\n" ],
	'a folded last line'         => [ 'both', "Subject: one\n two\n\ntext\n" ],
	'no text'                    => [ 'both', "From: bob\@example.com\n\n" ],
	'no blank line'              => [ 'both', "From: bob\@example.com\nSubject: x\n" ],
	'no blank line, no Date'     => [ 'Date', "From: bob\@example.com\nMessage-ID: <1\@client.example>\n" ],
	'no blank line, both there'  => [ '', $there ],
	'nothing at all'             => [ 'both', '' ],
	'a blank line alone'         => [ 'both', "\n" ],
	'no header'                  => [ 'both', "\ntext\n" ],
	'two blank lines first'      => [ 'both', "\n\ntext\n" ],
	'a header behind the text'   => [ 'both', "\n$there\ntext\n" ],
	'more blank lines'           => [ 'both', "Subject: x\n\n\n\ntext\n\n" ],
	'dots in the header'         => [ 'both', ".Subject: x\n..\n...Date: y\n\n.text\n" ],
	'a line of one dot'          => [ 'both', "Subject: x\n.\nX: y\n\n.\n..\n" ],
	'a blank line with a blank'  => [ 'both', "Subject: x\n \n\ntext\n" ],
	'the last line of the text is like a name' => [ 'both', "Subject: x\n\nDate" . "\n" ],
	'octets beyond ASCII'        => [ 'both', "Subject: \xc3\xa4\xff\n\n\xe4\n" ],
	'control characters'         => [ 'both', "Subject: \x01\x1b\n\n\x0c\x7f\n" ],
	'a long line'                => [ 'both', 'Subject: ' . 'x' x 200000 . "\n\ntext\n" ],
	'a long header'              => [ 'both', "X-Line: value\n" x 20000 . "\ntext\n" ],
	'a long text'                => [ 'both', "Subject: x\n\n" . "line\n" x 50000 ],
	'a long header, both behind' => [ '', "X-Line: value\n" x 20000 . "$there\ntext\n" ],
);
for my $what (sort keys %messages) {
	my ($missing, $message) = @{$messages{$what}};
	is(fault($message, $missing, 0), '', $what); ## smtp-6409-8 smtp-stdio-store-a
	is(fault($message, $missing, length $message < 1000 ? 1 : 1000), '', "$what, in small pieces"); ## smtp-6409-8 smtp-stdio-store-a
}

# The names and the blank line across borders of a buffer.
my @wrong;
for my $border (4096, 8192, 16384, 32768, 65536) {
	for my $before (-2 .. 14) {
		my $header = "X-Line: value\n" x 10;
		my $fill = $border - $before - length($begin) - length crlf($header);
		$header .= 'X-Fill: ' . 'x' x ($fill - 10) . "\n";
		for (["$header\ntext\n", 'both'], [ "${header}Message-ID: <1\@client.example>\n\ntext\n", 'Date' ], [ "${header}Date: x\n\ntext\n", 'Message-ID' ]) {
			my $fault = fault(@$_, 0);
			push @wrong, "$before octets before $border: $fault" if $fault ne '';
		}
	}
}
is_deeply(\@wrong, [], 'wherever a read ends'); ## smtp-6409-8

# Each message has an id of its own; the limit is for what the client sends.
my @paths = map { submit("Subject: x\n\ntext\n", 0, '-m', length crlf("Subject: x\n\ntext\n")) } 1 .. 3;
@paths = messages($root, $bob);
is(scalar(@paths), 3, 'a message of just the size that is allowed may be completed'); ## smtp-1870-6.3-b smtp-6409-8
my %ids = map { contents($_) =~ /^(Message-ID: .*)$/m => 1 } @paths;
is(scalar(keys %ids), 3, 'no two have the same Message-ID'); ## smtp-6409-8
unlink @paths;

# The date is the time of this host in its own zone.
$ENV{TZ} = 'UTC';
my $client = start('smtp-stdio', $root, [ '-a', '-p' ], environment => { TZ => 'XYZ-05:30', LC_ALL => 'de_DE.UTF-8' });
$client->send("${begin}Subject: x\r\n\r\ntext\r\n.\r\nQUIT\r\n");
$client->rest;
my $stored = contents((messages($root, $bob))[0]);
like($stored, qr/^Date: (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [^\n]* \+0530$/m, 'the zone is that of the host, the names are English'); ## smtp-6409-8

# A message that is refused is refused all the same.
my ($output) = run("${begin}Subject: x\nDate: y\r\n\r\ntext\r\n.\r\nQUIT\r\n", [ program('smtp-stdio'), '-d', $root, '-a', '-p' ]);
like($output, qr/^550 5\.6\.0 /m, 'a bare LF is refused here, too'); ## smtp-5321-2.3.8-b
is(scalar(messages($root, $bob)), 1, 'and nothing of it is stored'); ## smtp-5321-4.2.5-b

done_testing;
