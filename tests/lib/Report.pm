# Delivery reports as their readers see them: a stored message is taken apart by the rules
# of MIME (RFC 2045, RFC 2046) and of delivery status notifications (RFC 3464), and by no
# knowledge of how it was put together.
package Report;

use strict;
use warnings;
use Exporter qw(import);
use Test::More;

our @EXPORT = qw(parse_report is_report);

# How a part that returns a message or its header may be called.
our %RETURNED = (full => qr{\Amessage/(?:rfc822|global)\z}, header => qr{\A(?:text/rfc822|message/global)-headers\z});

# Header fields of a text, by name in small letters, unfolded, and what is behind them.
# Dies where the text has no header.
sub fields_and_rest {
	my ($text) = @_;
	my %fields;
	while ($text =~ s/\A([!-9;-~]+):[ \t]*((?:[^\n]*\n)(?:[ \t]+\S[^\n]*\n)*)//) {
		my ($name, $value) = (lc $1, $2);
		$value =~ s/\n(?=[ \t])//g;
		$value =~ s/\s+\z//;
		die "two fields $name\n" if defined $fields{$name} && $name =~ /^(?:content-|mime-|from|to|subject|date|message-id)/;
		$fields{$name} = $value;
	}
	die 'no empty line behind the header but: ' . Program::visible($text) . "\n" unless $text =~ s/\A(?:\n|\z)//;
	return (\%fields, $text);
}

# A Content-Type: the type in small letters, and a hash of parameters.
sub type_of {
	my ($value) = @_;
	return ('text/plain', {}) unless defined $value;
	my $token = qr{[!#\$%&'*+.0-9A-Z^_`a-z{|}~-]+};
	$value =~ s{\A($token/$token)}{} or die "no Content-Type: $value\n";
	my $type = lc $1;
	my %parameters;
	while ($value =~ s/\A\s*;\s*($token)=(?:($token)|"((?:[^"\\]|\\.)*)")//) {
		$parameters{lc $1} = defined $2 ? $2 : $3;
	}
	die "behind the parameters of a Content-Type: $value\n" if $value =~ /\S/;
	return ($type, \%parameters);
}

# The parts between the boundary lines; each ends before the line end in front of one.
sub parts_of {
	my ($body, $boundary) = @_;
	my $delimiter = qr/(?:\A|\n)--\Q$boundary\E/;
	my ($preamble, @parts) = split /$delimiter(?=(?:--)?[ \t]*(?:\n|\z))/, $body, -1;
	my $epilogue = pop @parts;
	die "no closing boundary\n" unless defined $epilogue && $epilogue =~ s/\A--[ \t]*(?:\n|\z)//;
	for (@parts) {
		die "a closing boundary within\n" if /\A--/;
		s/\A[ \t]*\n// or die "no line end behind a boundary\n";
		my ($fields, $content) = fields_and_rest($_);
		my ($type, $parameters) = type_of($fields->{'content-type'});
		$_ = { fields => $fields, type => $type, parameters => $parameters, content => $content };
	}
	return ([ $preamble, $epilogue ], @parts);
}

# Takes a report apart.  Returns a hash:
#   fields       its header: name in small letters => value
#   text         what a person reads
#   message      fields of the delivery status about the message
#   recipients   array of hashes: fields about each recipient
#   returned     the type of the last part, and
#   content      what is in it
#   parts        all parts
# Dies where that cannot be done.
sub parse_report {
	my ($octets) = @_;
	my ($fields, $body) = fields_and_rest($octets);
	my ($type, $parameters) = type_of($fields->{'content-type'});
	die "type is $type\n" unless $type eq 'multipart/report';
	die "report-type is missing\n" unless lc($parameters->{'report-type'} || '') eq 'delivery-status';
	my $boundary = $parameters->{boundary};
	die "boundary is missing\n" unless defined $boundary && $boundary =~ m{\A[0-9A-Za-z'()+_,./:=? -]{0,69}[^ ]\z};
	my ($around, @parts) = parts_of($body, $boundary);
	die scalar(@parts) . " parts\n" unless @parts == 3;
	die "the text is $parts[0]{type}\n" unless $parts[0]{type} eq 'text/plain';
	die "the status is $parts[1]{type}\n" unless $parts[1]{type} eq 'message/delivery-status';
	my ($message, $rest) = fields_and_rest($parts[1]{content});
	my @recipients;
	while (length $rest) {
		(my $recipient, $rest) = fields_and_rest($rest);
		push @recipients, $recipient if %$recipient;
	}
	return { octets => $octets, fields => $fields, boundary => $boundary, text => $parts[0]{content}, message => $message,
	    recipients => \@recipients, returned => $parts[2]{type}, content => $parts[2]{content}, parts => \@parts,
	    around => $around };
}

my $DATE = qr/(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d [+-]\d{4}/;

# The file at a path is a report with all that every one of them has to have.  Named
# arguments, for what is this one's own:
#   path         of the file
#   to           the reverse-path of the message
#   domain       behind postmaster@
#   host         that reports
#   envid        decoded, or undef: none was given
#   recipients   array of [ action, forward-path, original recipient decoded or undef, status;
#                that may be missing ]
#   why          pattern of what a person reads
#   returned     full or header
# Returns the parsed report, or nothing.
sub is_report {
	my ($name, %is) = @_;
	my $octets = MailRoot::contents($is{path});
	my $report = eval { parse_report($octets) };
	ok($report, "$name: it can be read by the rules of MIME") or diag($@, Program::visible($octets)), return;  ## smtp-3464-2

	my $fields = $report->{fields};
	like($octets, qr/\AReturn-Path: <>\n/, "$name: the null sender");   ## smtp-3461-6.2
	is($fields->{'mime-version'}, '1.0', "$name: MIME-Version");
	like($fields->{to}, qr/(?:\A|<)\Q$is{to}\E(?:>|\z)/, "$name: to the reverse-path"); ## smtp-3461-6.2
	like($fields->{from}, qr/(?:\A|<)postmaster\@\Q$is{domain}\E(?:>|\z)/i, "$name: from the postmaster");
	is($fields->{'auto-submitted'}, 'auto-replied', "$name: Auto-Submitted");
	like($fields->{date}, qr/\A$DATE\z/, "$name: Date");
	like($fields->{'message-id'}, qr/\A<[^\s<>@]+@[^\s<>@]+>\z/, "$name: Message-ID");
	like($fields->{subject}, qr/\w+ \w+/, "$name: a subject in words");

	my $message = $report->{message};
	like($message->{'reporting-mta'}, qr/\Adns; ?\Q$is{host}\E\z/, "$name: Reporting-MTA"); ## smtp-3464-2
	like($message->{'arrival-date'}, qr/\A$DATE\z/, "$name: Arrival-Date"); ## smtp-3464-2
	is($message->{'original-envelope-id'}, $is{envid}, "$name: Original-Envelope-Id"); ## smtp-3464-2

	my @found = @{$report->{recipients}};
	is(scalar @found, scalar @{$is{recipients}}, "$name: each recipient once") or return $report;
	for (@{$is{recipients}}) {
		my ($action, $address, $original, $status) = @$_;
		$status ||= $action eq 'failed' ? '5.1.1' : '2.1.5';
		my ($found) = grep { ($_->{'final-recipient'} || '') =~ /\Arfc822; ?\Q$address\E\z/i } @found;
		ok($found, "$name: $address: Final-Recipient") or next; ## smtp-3464-2
		is($found->{action}, $action, "$name: $address: Action"); ## smtp-3464-2 smtp-3461-5.2-a smtp-3461-5.2-b
		is($found->{status}, $status, "$name: $address: Status"); ## smtp-3464-2
		my $in_report = $found->{'original-recipient'};
		$in_report =~ s/\A([^;]*); /$1;/ if defined $in_report;
		is($in_report, $original, "$name: $address: Original-Recipient"); ## smtp-3464-2
		like($report->{text}, qr/\Q$address\E/i, "$name: $address: a person reads of it");
	}
	like($report->{text}, $is{why} ? $is{why} : $is{recipients}[0][0] eq 'failed' ? qr/no such|unknown|not exist|no mailbox|not known/i : qr/deliver/i,
	    "$name: and why");
	like($report->{returned}, $RETURNED{$is{returned}}, "$name: returned: $is{returned}"); ## smtp-3464-2.1

	is_sound_mime($name, $report);
	my ($disk, $wire) = $is{path} =~ m{/new/[^/,:]+,S=(\d+),W=(\d+)\z};
	is($disk, length $octets, "$name: S= is the size of the file"); ## smtp-stdio-store-a
	is($wire, length MailRoot::crlf($octets), "$name: W= is its size with CRLF"); ## smtp-stdio-store-a
	return $report;
}

# Encodings as RFC 2045 section 6.2 has them: 8 bits only where it is said, in the part and
# around it; and nothing but ASCII where no charset is given.
sub is_sound_mime {
	my ($name, $report) = @_;
	my @wrong;
	my $binary = 0;
	for ($report, @{$report->{parts}}) {
		my $encoding = lc($_->{fields}{'content-transfer-encoding'} || '7bit');
		my $content = defined $_->{content} && $_ != $report ? $_->{content} : $report->{octets};
		my $type = $_ == $report ? 'the whole' : $_->{type};
		push @wrong, "$type is $encoding" unless $encoding =~ /\A(?:7bit|8bit|binary)\z/;
		push @wrong, "$type has 8 bits, and is $encoding" if $content =~ /[\x80-\xff]/ && $encoding eq '7bit';
	}
	my ($text, $status) = @{$report->{parts}};
	push @wrong, "8 bits in the text, and no charset" if $text->{content} =~ /[\x80-\xff]/ && lc($text->{parameters}{charset} || '') ne 'utf-8';
	push @wrong, '8 bits in the status' if $status->{content} =~ /[^\n\t\x20-\x7e]/; ## smtp-6533-4
	push @wrong, '8 bits in the header' if (split /\n\n/, $report->{octets}, 2)[0] =~ /[^\n\t\x20-\x7e]/;
	push @wrong, 'a long line' if "$text->{content}\n$status->{content}" =~ /[^\n]{999}/;
	my @unfolded = grep { length > 998 } split /\n/, (split /\n\n/, $report->{octets}, 2)[0];
	push @wrong, 'a long header line' if @unfolded;
	ok(!@wrong, "$name: encodings are as told") or diag join "\n", @wrong; ## smtp-6533-4
}

1;
